package io.chancery.cli;

import picocli.CommandLine.IVersionProvider;

/** The version of this build, as the jar's manifest has it. */
public final class Version implements IVersionProvider {
    public static String text() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "0.1.0-dev" : version;
    }

    @Override
    public String[] getVersion() {
        return new String[] {"chancery " + text()};
    }
}
