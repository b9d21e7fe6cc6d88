package io.chancery.testing;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * Finds calls whose Future is thrown away: nobody would hear of their failure. The compiler's own check knows our
 * packages only, and would take Vert.x's fluent calls for mistakes; so this looks at the compiled code, where such a call
 * is followed by a pop. Whoever has attached a handler that is told of failures has heard; one that is told of success alone
 * leaves them unheard, also where its Future goes into a variable that nobody reads.
 */
final class DroppedFutures extends ArchCondition<JavaClass> {
    private static final Set<String> HEARD = Set.of("onComplete", "onFailure");
    private static final String DEAF = "onSuccess";

    DroppedFutures() {
        super("drop a Future");
    }

    @Override
    public void check(JavaClass item, ConditionEvents events) {
        for (String place : in(item)) {
            events.add(SimpleConditionEvent.satisfied(item, item.getName() + " drops the Future of " + place));
        }
    }

    private static List<String> in(JavaClass item) {
        if (item.getSource().isEmpty()) {
            return List.of();
        }
        List<String> found = new ArrayList<>();
        try (InputStream code = item.getSource().get().getUri().toURL().openStream()) {
            new ClassReader(code).accept(new Finder(found), ClassReader.SKIP_FRAMES);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    private static final class Finder extends ClassVisitor {
        private final List<String> found;

        Finder(List<String> found) {
            super(Opcodes.ASM9);
            this.found = found;
        }

        @Override
        public MethodVisitor visitMethod(int access, String name, String type, String generic, String[] exceptions) {
            return new Calls(found);
        }
    }

    private static final class Calls extends MethodVisitor {
        private final List<String> found;
        /** What was thrown at a variable, by its number, until somebody reads that. */
        private final Map<Integer, String> kept = new HashMap<>();

        private String pending = "";
        private boolean heard;
        private int line;

        Calls(List<String> found) {
            super(Opcodes.ASM9);
            this.found = found;
        }

        @Override
        public void visitLineNumber(int number, Label start) {
            line = number;
        }

        @Override
        public void visitMethodInsn(int opcode, String owner, String name, String type, boolean ofInterface) {
            boolean future = type.endsWith(")Lio/vertx/core/Future;")
                    || type.endsWith(")Ljava/util/concurrent/CompletableFuture;")
                    || type.endsWith(")Ljava/util/concurrent/Future;");
            if (!future) {
                pending = "";
                return;
            }
            heard = HEARD.contains(name) || (heard && name.equals(DEAF));
            pending = heard ? "" : owner + "." + name + ", line " + line;
        }

        @Override
        public void visitInsn(int opcode) {
            if (opcode == Opcodes.POP && !pending.isEmpty()) {
                found.add(pending);
            }
            if (opcode == Opcodes.POP || opcode == Opcodes.ARETURN) {
                heard = false;
            }
            pending = "";
        }

        @Override
        public void visitVarInsn(int opcode, int variable) {
            if (opcode == Opcodes.ASTORE && pending.contains("." + DEAF + ",")) {
                kept.put(variable, pending);
            } else if (opcode == Opcodes.ALOAD) {
                kept.remove(variable);
            }
            if (opcode == Opcodes.ASTORE) {
                heard = false;
            }
            pending = "";
        }

        @Override
        public void visitEnd() {
            found.addAll(kept.values());
        }

        @Override
        public void visitTypeInsn(int opcode, String type) {
            pending = "";
        }

        @Override
        public void visitFieldInsn(int opcode, String owner, String name, String type) {
            pending = "";
        }
    }
}
