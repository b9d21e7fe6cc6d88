package io.chancery.cluster.bus;

/** What a node may ask of a signer, one message per purpose; never "sign these bytes". */
public sealed interface SignerMessage permits SignCertificate, SignCrl, SignerProbe {}
