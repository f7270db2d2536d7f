/** A scene on the graphics card. Loaded only where a picture is shown. */
import Graph from "graphology";
import Sigma from "sigma";
import { NodeCircleProgram, EdgeRectangleProgram } from "sigma/rendering";
import type { Palette } from "./colours";
import { caption, extent, lineColour, look, span, widths } from "./drawing";
import { drawChosen, drawName, type Labelled, type Taken } from "./labels";
import { DashedProgram, RingProgram } from "./programs";
import type { Line, Scene } from "./scene";

export interface Shown {
  scene: Scene;
  /** Of the scene's lines, those that are drawn. */
  lines: readonly Line[];
  numbers: ReadonlyMap<string, number>;
  colours: Palette;
  /** 12 家 */
  firms: (count: number) => string;
}

export interface Heard {
  choose: (id: string | null) => void;
  open: (id: string) => void;
}

/** Milliseconds that the camera takes; none where the system asks for none. */
const MOTION = 160;
const still = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;

export class Picture {
  private readonly graph = new Graph({ type: "undirected", multi: false });
  private readonly sigma: Sigma;
  private chosen: string | null = null;
  private hovered: string | null = null;
  private colours: Palette | null = null;
  private taken: Taken = [];
  private frame = 0;

  constructor(at: HTMLElement, heard: Heard) {
    const name = (context: CanvasRenderingContext2D, data: Labelled): void => {
      if (this.colours) drawName(context, data, this.colours, this.taken);
    };
    const ring = (context: CanvasRenderingContext2D, data: Labelled): void => {
      if (this.colours) drawChosen(context, data, this.colours);
    };
    this.sigma = new Sigma(this.graph, at, {
      // Circles are as large as the layout has them: they grow as one comes nearer.
      itemSizesReference: "positions",
      zoomToSizeRatioFunction: (ratio) => ratio,
      autoRescale: true,
      stagePadding: 8,
      minEdgeThickness: 1,
      enableEdgeEvents: true,
      minCameraRatio: 0.02,
      maxCameraRatio: 2,
      zoomDuration: still() ? 0 : MOTION,
      inertiaDuration: still() ? 0 : MOTION,
      doubleClickZoomingDuration: 0,
      doubleClickZoomingRatio: 1,
      labelDensity: 1.2,
      labelGridCellSize: 110,
      labelRenderedSizeThreshold: 3,
      zIndex: true,
      allowInvalidContainer: true,
      nodeProgramClasses: { ring: RingProgram, disc: NodeCircleProgram },
      nodeHoverProgramClasses: { ring: RingProgram, disc: NodeCircleProgram },
      edgeProgramClasses: { solid: EdgeRectangleProgram, dashed: DashedProgram },
      defaultDrawNodeLabel: name as never,
      defaultDrawNodeHover: ring as never,
      nodeReducer: (id, data) => this.node(id, data),
      edgeReducer: (id, data) => this.edge(id, data),
    });
    // Sigma draws what is under the pointer once more above its name: here the name is inside.
    const above = this.sigma.getCanvases().hoverNodes;
    if (above) above.style.display = "none";
    this.sigma.on("beforeRender", () => (this.taken = []));
    this.sigma.on("clickNode", ({ node }) => heard.choose(node));
    this.sigma.on("clickEdge", ({ edge }) => heard.choose(edge));
    this.sigma.on("clickStage", () => heard.choose(null));
    this.sigma.on("doubleClickNode", ({ node, preventSigmaDefault }) => {
      preventSigmaDefault();
      heard.open(node);
    });
    this.sigma.on("enterNode", ({ node }) => this.hover(node, at));
    this.sigma.on("leaveNode", () => this.hover(null, at));
    this.sigma.on("enterEdge", () => (at.style.cursor = "pointer"));
    this.sigma.on("leaveEdge", () => (at.style.cursor = ""));
  }

  show({ scene, lines, numbers, colours, firms }: Shown, whole: boolean): void {
    this.colours = colours;
    const width = widths(lines, span(scene.marks));
    this.graph.clear();
    for (const mark of scene.marks) {
      const { colour, fill } = look(mark, numbers, colours);
      this.graph.addNode(mark.id, {
        x: mark.x,
        y: mark.y,
        size: mark.r,
        color: colour,
        fill,
        label: (mark.kind === "firm" && mark.leader ? "★ " : "") + caption(mark),
        forceLabel: mark.kind === "firm" && mark.leader,
        kind: mark.kind,
        type: mark.kind === "community" ? "ring" : "disc",
        share: mark.kind === "community" ? mark.observed : 1,
        below: mark.kind === "community" ? firms(mark.of.size) : undefined,
      });
    }
    for (const line of lines) {
      this.graph.addEdgeWithKey(line.id, line.from, line.to, {
        size: width(line),
        color: lineColour(line, colours),
        type: line.inferred ? "dashed" : "solid",
      });
    }
    this.sigma.setCustomBBox(extent(scene.marks));
    this.sigma.refresh();
    if (whole) this.sigma.getCamera().setState({ x: 0.5, y: 0.5, ratio: 1, angle: 0 });
  }

  /** Show which mark or line is chosen; the rest steps back. */
  choose(id: string | null): void {
    this.chosen = id;
    this.restyle();
  }

  zoom(times: number): void {
    const camera = this.sigma.getCamera();
    void camera.animate({ ratio: camera.getBoundedRatio(camera.ratio / times) }, this.motion());
  }

  whole(): void {
    void this.sigma.getCamera().animate({ x: 0.5, y: 0.5, ratio: 1, angle: 0 }, this.motion());
  }

  /** Bring a mark to the middle. */
  goTo(id: string): void {
    const at = this.sigma.getNodeDisplayData(id);
    if (!at) return;
    const camera = this.sigma.getCamera();
    const ratio = Math.min(camera.ratio, 0.6);
    void camera.animate({ x: at.x, y: at.y, ratio }, this.motion());
  }

  /** What is seen now, on its ground, as a picture of its own. */
  canvas(ground: string): HTMLCanvasElement {
    // WebGL forgets what it drew once it was shown: draw, and take it in the same breath.
    this.sigma.refresh({ skipIndexation: true });
    const layers = this.sigma.getCanvases();
    const first = Object.values(layers)[0];
    const canvas = document.createElement("canvas");
    canvas.width = first?.width ?? 1;
    canvas.height = first?.height ?? 1;
    const context = canvas.getContext("2d");
    if (!context) return canvas;
    context.fillStyle = ground;
    context.fillRect(0, 0, canvas.width, canvas.height);
    for (const name of ["edges", "nodes", "edgeLabels", "labels", "hovers"]) {
      const layer = layers[name];
      if (layer?.width) context.drawImage(layer, 0, 0);
    }
    return canvas;
  }

  resize(): void {
    this.sigma.resize();
    this.sigma.scheduleRender();
  }

  kill(): void {
    cancelAnimationFrame(this.frame);
    this.sigma.kill();
  }

  private motion(): { duration: number } {
    return { duration: still() ? 0 : MOTION };
  }

  private hover(id: string | null, at: HTMLElement): void {
    this.hovered = id;
    at.style.cursor = id ? "pointer" : "";
    this.restyle();
  }

  /**
   * Draw anew who is in focus: once a frame, however many circles the pointer passes; and not while
   * the picture is moved, when circles pass the pointer rather than the pointer them.
   */
  private restyle(): void {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      const { draggedEvents, currentWheelDirection } = this.sigma.getMouseCaptor();
      const moved = draggedEvents || currentWheelDirection || this.sigma.getCamera().isAnimated();
      if (moved) this.restyle();
      else this.sigma.refresh({ skipIndexation: true });
    });
  }

  private node(id: string, data: Record<string, unknown>): Record<string, unknown> {
    const focus = this.hovered ?? this.chosen;
    if (id === this.chosen) return { ...data, highlighted: true, zIndex: 2 };
    if (!focus || id === focus || !this.colours) return data;
    const near = this.graph.hasNode(focus)
      ? this.graph.areNeighbors(id, focus)
      : this.graph.hasEdge(focus) && this.graph.hasExtremity(focus, id);
    if (near) return { ...data, zIndex: 1, forceLabel: true };
    return { ...data, color: this.colours.line, label: data.kind === "firm" ? "" : data.label };
  }

  private edge(id: string, data: Record<string, unknown>): Record<string, unknown> {
    const focus = this.hovered ?? this.chosen;
    if (!focus || !this.colours) return data;
    if (id === focus || (this.graph.hasNode(focus) && this.graph.hasExtremity(id, focus))) {
      return { ...data, color: this.colours.accent, zIndex: 1 };
    }
    return data;
  }
}
