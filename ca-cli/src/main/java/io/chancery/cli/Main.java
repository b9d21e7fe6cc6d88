package io.chancery.cli;

import io.chancery.cli.ceremony.CeremonyCommand;
import io.chancery.cli.ceremony.VerifyCommand;
import io.chancery.cli.cluster.AddCommand;
import io.chancery.cli.cluster.ClusterCommand;
import io.chancery.cli.cluster.RenewCommand;
import io.chancery.cli.cluster.RotateCaCommand;
import io.chancery.cli.hsm.HsmCommands;
import io.chancery.cli.hsm.RetryCommand;
import io.chancery.cli.quickstart.QuickstartCommand;
import io.chancery.cli.start.StartCommand;
import io.chancery.cli.store.StoreCommand;
import io.chancery.cluster.join.CommonPool;
import io.chancery.node.http.JdkTls;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code chancery}: exit code 0 when done, 1 when it failed, 2 when it was used wrongly. */
@Command(
        name = "chancery",
        description = "A certificate authority that keeps its keys in an HSM.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND")
public final class Main {
    /** How the process's own log is written; logback.xml reads it. */
    private static final String LOG_FORMAT = "CHANCERY_LOG_FORMAT";

    private Main() {}

    public static void main(String[] args) {
        JdkTls.prepare();
        CommonPool.prepare();
        ProcessEnd end = new ProcessEnd();
        end.register();
        Surroundings surroundings =
                new Surroundings(System.out, System.err, InstantSource.system(), new SecureRandom(), end);
        String format = System.getenv(LOG_FORMAT);
        if (format != null && !format.equals("text") && !format.equals("json")) {
            surroundings.err().println("chancery: " + LOG_FORMAT + " is \"" + format + "\"; allowed: text or json");
            System.exit(2);
        }
        System.exit(run(surroundings, args));
    }

    /** Runs one command and answers its exit code. */
    static int run(Surroundings surroundings, String... args) {
        CommandLine commands = withVerbs(surroundings, args)
                .addSubcommand(new CommandLine.HelpCommand())
                .setOut(new java.io.PrintWriter(surroundings.out(), true, java.nio.charset.StandardCharsets.UTF_8))
                .setErr(new java.io.PrintWriter(surroundings.err(), true, java.nio.charset.StandardCharsets.UTF_8));
        commands.setCaseInsensitiveEnumValuesAllowed(true);
        CommandLine.IParameterExceptionHandler usual = commands.getParameterExceptionHandler();
        commands.setParameterExceptionHandler((wrong, line) -> usual.handleParseException(first(wrong), line));
        commands.setExecutionExceptionHandler((failure, command, parsed) -> {
            surroundings.err().println("chancery: " + message(failure));
            return failure instanceof UsageException ? 2 : 1;
        });
        if (args.length == 0) {
            commands.usage(surroundings.err());
            return 2;
        }
        int code = commands.execute(args);
        // A full disk or a reader that went away: nobody must take a part of a list for all of it. Asking writes out.
        if (code == 0 && surroundings.out().checkError()) {
            surroundings.err().println("chancery: the output could not be written in full");
            return 1;
        }
        return code;
    }

    /** What is unknown is named before what is missing: it may have been meant for that. */
    private static CommandLine.ParameterException first(CommandLine.ParameterException wrong) {
        List<String> unknown = wrong.getCommandLine().getUnmatchedArguments();
        return wrong instanceof CommandLine.MissingParameterException && !unknown.isEmpty()
                ? new CommandLine.UnmatchedArgumentException(wrong.getCommandLine(), unknown)
                : wrong;
    }

    /** A verb that is named first is alone there: to describe all of them takes an eighth of a node's start. */
    private static CommandLine withVerbs(Surroundings surroundings, String... args) {
        Map<String, Supplier<Object>> verbs = verbs(surroundings);
        if (args.length > 0 && verbs.containsKey(args[0])) {
            verbs.keySet().retainAll(Set.of(args[0]));
        }
        CommandLine commands = new CommandLine(new Main());
        verbs.values().forEach(verb -> commands.addSubcommand(verb.get()));
        return commands;
    }

    /** In the order of the help. */
    private static Map<String, Supplier<Object>> verbs(Surroundings surroundings) {
        Map<String, Supplier<Object>> verbs = new LinkedHashMap<>();
        verbs.put("start", () -> new StartCommand(surroundings));
        verbs.put("quickstart", () -> new QuickstartCommand(surroundings));
        verbs.put("store", () -> new StoreCommand(surroundings));
        verbs.put(
                "cluster",
                () -> new CommandLine(new ClusterCommand(surroundings))
                        .addSubcommand(new AddCommand(surroundings))
                        .addSubcommand(new RenewCommand(surroundings))
                        .addSubcommand(new RotateCaCommand(surroundings)));
        verbs.put(
                "hsm",
                () -> HsmCommands.of(surroundings)
                        .addSubcommand(new RetryCommand(surroundings))
                        .addSubcommand(new CeremonyCommand(surroundings))
                        .addSubcommand(new VerifyCommand(surroundings)));
        return verbs;
    }

    /** The text for people; never a stack trace. */
    private static String message(Throwable failure) {
        if (failure instanceof FileSystemException file && file.getReason() == null) {
            // Its message is the file alone.
            return file.getFile() + ": " + whatHappened(file);
        }
        String message = failure.getMessage();
        return message == null ? failure.getClass().getSimpleName() : message;
    }

    private static String whatHappened(FileSystemException failure) {
        if (failure instanceof NoSuchFileException) {
            return "no such file or folder";
        }
        if (failure instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (failure instanceof FileAlreadyExistsException) {
            return "is there already";
        }
        return failure.getClass().getSimpleName();
    }
}
