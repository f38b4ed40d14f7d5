// What Java programs do with the card: sign, decrypt or agree on a secret, and open a TLS connection with its certificate.
// Arguments: the provider's configuration, a site's address, the site's certificate. The PIN is in the environment.

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Security;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;

class Card {
    static final byte[] MESSAGE = "what Alice has signed".getBytes();

    static Provider provider;
    static KeyStore card;

    public static void main(String[] arguments) throws Exception {
        provider = Security.getProvider("SunPKCS11").configure(arguments[0]);
        Security.addProvider(provider);
        card = KeyStore.getInstance("PKCS11", provider);
        card.load(null, System.getenv("PIN").toCharArray());

        if (publicKey("PIV Authentication") instanceof RSAPublicKey) {
            sign("SHA256withRSA");
            sign("SHA512withRSA");
            sign("RSASSA-PSS");
            decrypt();
        } else {
            sign("SHA256withECDSA");
            sign("SHA384withECDSA");
            agree();
        }
        for (String version : new String[] {"TLSv1.2", "TLSv1.3"}) {
            System.out.print(visit(arguments[1], arguments[2], version));
        }
    }

    static PublicKey publicKey(String name) throws Exception {
        return card.getCertificate(name).getPublicKey();
    }

    static PrivateKey privateKey(String name) throws Exception {
        return (PrivateKey) card.getKey(name, null);
    }

    static void sign(String algorithm) throws Exception {
        Signature signing = Signature.getInstance(algorithm, provider);
        Signature verifying = Signature.getInstance(algorithm);
        if (algorithm.equals("RSASSA-PSS")) {
            var parameters = new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1);
            signing.setParameter(parameters);
            verifying.setParameter(parameters);
        }
        signing.initSign(privateKey("PIV Authentication"));
        signing.update(MESSAGE);
        byte[] signature = signing.sign();
        verifying.initVerify(publicKey("PIV Authentication"));
        verifying.update(MESSAGE);
        check(algorithm, verifying.verify(signature));
    }

    static void decrypt() throws Exception {
        String algorithm = "RSA/ECB/PKCS1Padding";
        Cipher encryption = Cipher.getInstance(algorithm, "SunJCE");
        encryption.init(Cipher.ENCRYPT_MODE, publicKey("Key Management"));
        byte[] secret = encryption.doFinal(MESSAGE);
        Cipher decryption = Cipher.getInstance(algorithm, provider);
        decryption.init(Cipher.DECRYPT_MODE, privateKey("Key Management"));
        check(algorithm, Arrays.equals(decryption.doFinal(secret), MESSAGE));
    }

    static void agree() throws Exception {
        var generator = KeyPairGenerator.getInstance("EC", "SunEC");
        generator.initialize(((ECPublicKey) publicKey("Key Management")).getParams());
        var other = generator.generateKeyPair();
        KeyAgreement here = KeyAgreement.getInstance("ECDH", provider);
        here.init(privateKey("Key Management"));
        here.doPhase(other.getPublic(), true);
        KeyAgreement there = KeyAgreement.getInstance("ECDH", "SunEC");
        there.init(other.getPrivate());
        there.doPhase(publicKey("Key Management"), true);
        check("ECDH", Arrays.equals(here.generateSecret(), there.generateSecret()));
    }

    static String visit(String address, String certificate, String version) throws Exception {
        // The one that looks at what a certificate is for.
        var keys = KeyManagerFactory.getInstance("NewSunX509");
        keys.init(card, null);
        var roots = KeyStore.getInstance("PKCS12");
        roots.load(null, null);
        try (var file = Files.newInputStream(Path.of(certificate))) {
            roots.setCertificateEntry("site", CertificateFactory.getInstance("X.509").generateCertificate(file));
        }
        var trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(roots);
        var context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        var client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .sslContext(context)
            .sslParameters(new SSLParameters(null, new String[] {version}))
            .build();
        return client.send(HttpRequest.newBuilder(URI.create(address)).build(), BodyHandlers.ofString()).body();
    }

    static void check(String what, boolean good) {
        if (!good) {
            throw new IllegalStateException(what);
        }
        System.out.println(what + ": good");
    }
}
