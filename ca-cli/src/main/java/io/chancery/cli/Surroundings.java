package io.chancery.cli;

import java.io.PrintStream;
import java.security.SecureRandom;
import java.time.InstantSource;

/**
 * What a command gets from the process it runs in: made once, in {@link Main}.
 *
 * @param out for results
 * @param err for progress, questions and errors
 * @param end stops what a command leaves running
 */
public record Surroundings(
        PrintStream out, PrintStream err, InstantSource clock, SecureRandom random, ProcessEnd end) {}
