import java.net.URL;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.HttpsURLConnection;

/**
 * A clerk's program: it posts a form, reads the answer, and leaves the line to Java's connection cache, which closes it after five seconds and more. Then the next
 * form.
 *
 *     Morning COUNT [PATH ...]    COUNT forms; or one form for each PATH, all within those five seconds, so that they share a line
 */
public class Morning {
    public static void main(String[] words) throws Exception {
        int count = Integer.parseInt(words[0]);
        for (int form = 0; form < count; form++) {
            post("/form/" + form % 3, 300 + 97 * (form % 5));
            Thread.sleep(5_700);
        }
        for (int form = 1; form < words.length; form++) {
            post(words[form], 640);
            Thread.sleep(1_500);
        }
        // The cache looks every five seconds: what it has missed once it closes the next time. A program that ends before does not say goodbye.
        Thread.sleep(11_000);
    }

    static void post(String path, int length) throws Exception {
        var line = (HttpsURLConnection) new URL("https://server.lab" + path).openConnection();
        line.setReadTimeout(30_000);
        line.setDoOutput(true);
        // What is sent as a stream is not sent again behind the program's back.
        line.setFixedLengthStreamingMode(length);
        try {
            line.getOutputStream().write("f".repeat(length).getBytes(StandardCharsets.US_ASCII));
            System.out.println(line.getInputStream().readAllBytes().length + " bytes");
        } catch (Exception error) {
            System.out.println(error);
        }
    }
}
