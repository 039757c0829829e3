import java.net.InetSocketAddress;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.eclipse.jetty.server.NetworkConnector;
import org.eclipse.jetty.server.Server;
import software.amazon.dynamodb.services.local.server.LocalDynamoDBRequestHandler;
import software.amazon.dynamodb.services.local.server.LocalDynamoDBServerHandler;

/**
 * DynamoDB Local, heard on 127.0.0.1 only.
 *
 * <p>The engine's own main class listens on every interface, has no option against it, and reports its use to AWS
 * unless told not to. This one puts the engine's request handler behind a server bound to loopback, on a port that
 * the system picks, and never sets the reporting up.
 *
 * <p>Argument: the directory for the data; without one everything is held in memory. The port is the one line on
 * standard output. The server ends when standard input does, so that it cannot outlive the process that started it.
 */
public final class LoopbackServer {
    private LoopbackServer() {}

    public static void main(String[] args) throws Exception {
        Logger.getLogger("com.almworks.sqlite4java").setLevel(Level.OFF);
        String directory = args.length > 0 ? args[0] : null;
        boolean inMemory = directory == null;
        boolean oneDatabaseForAllRegionsAndKeys = true;
        boolean delayTableStatuses = false;
        LocalDynamoDBServerHandler handler = new LocalDynamoDBServerHandler(
                new LocalDynamoDBRequestHandler(
                        0, inMemory, directory, oneDatabaseForAllRegionsAndKeys, delayTableStatuses),
                null);
        Server server = new Server(new InetSocketAddress("127.0.0.1", 0));
        server.setHandler(handler);
        server.start();
        System.out.println(((NetworkConnector) server.getConnectors()[0]).getLocalPort());
        System.out.flush();
        while (System.in.read() != -1) {
            // Nothing is said on standard input; only its end matters.
        }
        server.stop();
        handler.close();
        // The engine's own threads would linger for a second.
        System.exit(0);
    }
}
