package io.chancery.signer.key;

import java.nio.file.Path;
import java.time.Duration;

/** A process that has the turn of a file until its input ends. */
final class TurnHolder {
    private TurnHolder() {}

    public static void main(String[] args) throws Exception {
        NodeTurn turn = NodeTurn.take(Path.of(args[0]), Duration.parse(args[1]));
        System.out.println("held");
        int unused = System.in.read();
        turn.close();
    }
}
