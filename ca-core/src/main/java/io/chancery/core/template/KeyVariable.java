package io.chancery.core.template;

import io.chancery.gotemplate.function.Function;
import io.chancery.gotemplate.function.FunctionSet;
import io.chancery.gotemplate.value.Int;
import io.chancery.gotemplate.value.Opaque;
import io.chancery.gotemplate.value.Struct;
import io.chancery.gotemplate.value.Text;
import io.chancery.gotemplate.value.Type;
import io.chancery.gotemplate.value.Value;
import java.io.IOException;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSAPublicKey;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/**
 * A public key, as templates see it: its Go type, and of RSA and ECDSA keys what says how large they are. In JSON it is left
 * out, or an empty object. Pure.
 */
final class KeyVariable {
    static final Type NUMBER = Type.pointer("big.Int");
    private static final Type RSA = Type.pointer("rsa.PublicKey");
    private static final Type ECDSA = Type.pointer("ecdsa.PublicKey");
    private static final Type CURVE = Type.pointer("elliptic.nistCurve");
    private static final Type PARAMETERS = Type.pointer("elliptic.CurveParams");

    /** The curves that Go knows, with their bits. */
    private static final Map<ASN1ObjectIdentifier, Integer> CURVES = Map.of(
            SECObjectIdentifiers.secp224r1, 224,
            SECObjectIdentifiers.secp256r1, 256,
            SECObjectIdentifiers.secp384r1, 384,
            SECObjectIdentifiers.secp521r1, 521);

    private KeyVariable() {}

    static Struct of(SubjectPublicKeyInfo info) {
        ASN1ObjectIdentifier algorithm = info.getAlgorithm().getAlgorithm();
        if (algorithm.equals(PKCSObjectIdentifiers.rsaEncryption)) {
            return rsa(info);
        }
        if (algorithm.equals(X9ObjectIdentifiers.id_ecPublicKey)) {
            return new Struct(ECDSA, curve(info));
        }
        // An Ed25519 key is no pointer in Go.
        return algorithm.equals(EdECObjectIdentifiers.id_Ed25519)
                ? new Struct(Type.struct("ed25519.PublicKey"), List.of())
                : new Struct(Type.pointer("x509.PublicKey"), List.of());
    }

    private static Struct rsa(SubjectPublicKeyInfo info) {
        RSAPublicKey key = RSAPublicKey.getInstance(parsed(info));
        return new Struct(
                RSA,
                List.of(
                        field("N", new Opaque(NUMBER, key.getModulus())),
                        field("E", Int.of(key.getPublicExponent().longValue()))));
    }

    private static ASN1Primitive parsed(SubjectPublicKeyInfo info) {
        try {
            return info.parsePublicKey();
        } catch (IOException e) {
            throw new IllegalArgumentException("an RSA key that cannot be read", e);
        }
    }

    // The curve, and what Go's keys have because they have a curve.
    private static List<Struct.Field> curve(SubjectPublicKeyInfo info) {
        if (!(info.getAlgorithm().getParameters() instanceof ASN1ObjectIdentifier oid) || !CURVES.containsKey(oid)) {
            return List.of();
        }
        Struct.Field parameters = field(
                "Params",
                new Struct(
                        PARAMETERS,
                        List.of(
                                field("BitSize", Int.of(CURVES.get(oid))),
                                field("Name", new Text("P-" + CURVES.get(oid))))));
        return List.of(field("Curve", new Struct(CURVE, List.of(parameters))), parameters);
    }

    private static Struct.Field field(String name, Value value) {
        return new Struct.Field(name, value, "", false);
    }

    /** With the methods of keys and of the numbers in them. */
    static FunctionSet methodsIn(FunctionSet functions) {
        return functions
                .withMethods(
                        RSA.name(),
                        List.of(Function.of(
                                "Size", "value", a -> Int.of((modulus(a.any(0)).bitLength() + 7) / 8))))
                .withMethods(
                        NUMBER.name(),
                        List.of(
                                Function.of(
                                        "BitLen",
                                        "value",
                                        a -> Int.of(number(a.any(0)).bitLength())),
                                Function.of(
                                        "String",
                                        "value",
                                        a -> new Text(number(a.any(0)).toString()))));
    }

    private static BigInteger modulus(Value key) {
        return number(((Struct) key).field("N").orElseThrow());
    }

    private static BigInteger number(Value value) {
        return (BigInteger) ((Opaque) value).payload();
    }
}
