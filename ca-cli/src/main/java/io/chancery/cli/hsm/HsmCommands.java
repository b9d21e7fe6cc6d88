package io.chancery.cli.hsm;

import io.chancery.cli.Surroundings;
import picocli.CommandLine;

/** {@code chancery hsm} with all its verbs. */
public final class HsmCommands {
    private HsmCommands() {}

    public static CommandLine of(Surroundings surroundings) {
        return new CommandLine(new HsmCommand(surroundings))
                .addSubcommand(new SelfsignCommand(surroundings))
                .addSubcommand(new CsrCommand(surroundings))
                .addSubcommand(new ImportCertCommand(surroundings))
                .addSubcommand(new SignIntermediateCommand(surroundings))
                .addSubcommand(new SignCrlCommand(surroundings))
                .addSubcommand(new ImportCommand(surroundings))
                .addSubcommand(new LoadCommand(surroundings))
                .addSubcommand(new BackupCommand(surroundings))
                .addSubcommand(new RestoreCommand(surroundings))
                .addSubcommand(new DoctorCommand(surroundings));
    }
}
