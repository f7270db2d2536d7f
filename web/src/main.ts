import { createApp } from "vue";
import App from "./app/App.vue";
import { followLanguage, i18n } from "./app/i18n";
import { makeRouter } from "./app/router";
import { followTheme } from "./app/theme";
import "element-plus/theme-chalk/base.css";
import "element-plus/theme-chalk/dark/css-vars.css";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/print.css";

// After an upgrade of the service a page that is still open asks for parts that are gone.
window.addEventListener("vite:preloadError", () => window.location.reload());

followTheme();
followLanguage();
createApp(App).use(i18n).use(makeRouter()).mount("#app");
