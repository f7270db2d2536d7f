import static org.neo4j.configuration.GraphDatabaseSettings.DEFAULT_DATABASE_NAME;
import static org.neo4j.configuration.GraphDatabaseSettings.SYSTEM_DATABASE_NAME;

import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import org.neo4j.configuration.GraphDatabaseSettings;
import org.neo4j.configuration.connectors.BoltConnector;
import org.neo4j.configuration.connectors.ConnectorPortRegister;
import org.neo4j.configuration.connectors.ConnectorType;
import org.neo4j.configuration.helpers.SocketAddress;
import org.neo4j.configuration.ssl.ClientAuth;
import org.neo4j.configuration.ssl.SslPolicyConfig;
import org.neo4j.configuration.ssl.SslPolicyScope;
import org.neo4j.dbms.api.DatabaseManagementServiceBuilder;
import org.neo4j.io.ByteUnit;
import org.neo4j.kernel.internal.GraphDatabaseAPI;

/**
 * A throwaway Neo4j: java -cp 'jars/*' Server.java HOME PASSWORD PORT [CERTIFICATES].
 *
 * <p>Listens on the port (0: a free one), prints its address on one line once it answers with the
 * password, runs until its standard input ends (so it never outlives whoever started it) and
 * deletes HOME. Killed, it leaves HOME, from which it starts again. With a folder of certificates
 * (server.key, server.pem) it speaks TLS alone.
 */
class Server {
  public static void main(String[] args) throws Exception {
    var home = Path.of(args[0]);
    var isNew = Files.notExists(home);
    var builder =
        new DatabaseManagementServiceBuilder(home)
            .setConfig(BoltConnector.enabled, true)
            .setConfig(
                BoltConnector.listen_address,
                new SocketAddress("127.0.0.1", Integer.parseInt(args[2])))
            .setConfig(GraphDatabaseSettings.auth_enabled, true)
            .setConfig(GraphDatabaseSettings.auth_lock_time, Duration.ofSeconds(1))
            .setConfig(GraphDatabaseSettings.preallocate_logical_logs, false)
            .setConfig(GraphDatabaseSettings.pagecache_memory, ByteUnit.mebiBytes(128));
    if (args.length > 3) {
      var tls = SslPolicyConfig.forScope(SslPolicyScope.BOLT);
      builder
          .setConfig(BoltConnector.encryption_level, BoltConnector.EncryptionLevel.REQUIRED)
          .setConfig(tls.enabled, true)
          .setConfig(tls.base_directory, Path.of(args[3]))
          .setConfig(tls.private_key, Path.of("server.key"))
          .setConfig(tls.public_certificate, Path.of("server.pem"))
          .setConfig(tls.client_auth, ClientAuth.NONE);
    }
    var dbms = builder.build();
    if (isNew) {
      dbms.database(SYSTEM_DATABASE_NAME)
          .executeTransactionally(
              "ALTER USER neo4j SET PASSWORD $password CHANGE NOT REQUIRED",
              Map.of("password", args[1]));
    }
    var ports =
        ((GraphDatabaseAPI) dbms.database(DEFAULT_DATABASE_NAME))
            .getDependencyResolver()
            .resolveDependency(ConnectorPortRegister.class);
    System.out.println(ports.getLocalAddress(ConnectorType.BOLT));
    System.in.transferTo(OutputStream.nullOutputStream());
    // Nobody will read the data again: a clean shutdown would only take 10 s.
    try (var files = Files.walk(home)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } finally {
      Runtime.getRuntime().halt(0);
    }
  }
}
