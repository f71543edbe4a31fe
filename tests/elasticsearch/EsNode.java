import java.nio.file.Path;
import java.util.Map;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginsLoader;

/** One Elasticsearch node on loopback for tests: EsNode HOME DATA PORT. Prints STARTED when it answers. */
public class EsNode {
  public static void main(String[] args) throws Exception {
    Path home = Path.of(args[0]);
    LogConfigurator.configureESLogging();
    Settings settings = Settings.builder()
        .put("path.home", home).put("path.data", args[1]).put("path.logs", home.resolve("logs"))
        .put("cluster.name", "waymark-tests").put("node.name", "waymark-tests-1").put("discovery.type", "single-node")
        .put("network.host", "127.0.0.1").put("http.port", args[2]).put("transport.port", "0")
        .put("http.type", "netty4").put("transport.type", "netty4")
        .put("cluster.routing.allocation.disk.threshold_enabled", false) // a developer's disk may be nearly full
        .build();
    Environment environment = new Environment(settings, home.resolve("config"));
    var modules = PluginsLoader.loadModulesBundles(home.resolve("modules"), false);
    var plugins = PluginsLoader.loadPluginsBundles(home.resolve("plugins"), false);
    Node node = new Node(environment, PluginsLoader.createPluginsLoader(modules, plugins, Map.of(), false));
    node.start();
    System.out.println("STARTED");
    Thread.currentThread().join();
  }
}
