import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

class Suite {
    static int port;

    // Your verifier: pass it the bytes, and the clock, the keys, the region, and the service in the setting.
    static boolean isAccepted(byte[] request, JsonObject setting) {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(2000);
            socket.getOutputStream().write(request);
            String status = new String(socket.getInputStream().readNBytes(12), StandardCharsets.ISO_8859_1);
            return status.matches("HTTP/1.1 [23]..");
        } catch (IOException error) { // such as a server that waits for the rest of a body that is too short
            return false;
        }
    }

    public static void main(String[] args) throws IOException {
        port = Integer.parseInt(args[0]);
        int status = 0;
        JsonObject suite = JsonParser.parseString(Files.readString(Path.of(args[1]))).getAsJsonObject();
        for (JsonElement group : suite.getAsJsonArray("testGroups")) {
            JsonObject setting = group.getAsJsonObject().getAsJsonObject("setting");
            for (JsonElement element : group.getAsJsonObject().getAsJsonArray("tests")) {
                JsonObject test = element.getAsJsonObject();
                String result = test.get("result").getAsString();
                if (result.equals("acceptable") || test.has("layer")) continue;
                byte[] request = test.get("http").getAsString().getBytes(StandardCharsets.ISO_8859_1);
                if (isAccepted(request, setting) != result.equals("valid")) {
                    status = 1;
                    String id = test.get("id").getAsString(), comment = test.get("comment").getAsString();
                    System.out.println(id + " is " + result + ": " + comment);
                }
            }
        }
        System.exit(status);
    }
}
