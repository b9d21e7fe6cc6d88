package io.chancery.testing;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.LineNumberNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.MethodNode;
import org.objectweb.asm.tree.VarInsnNode;
import org.objectweb.asm.tree.analysis.Analyzer;
import org.objectweb.asm.tree.analysis.AnalyzerException;
import org.objectweb.asm.tree.analysis.Frame;
import org.objectweb.asm.tree.analysis.SourceInterpreter;
import org.objectweb.asm.tree.analysis.SourceValue;

/**
 * Finds calls whose Future is thrown away: nobody would hear of their failure. The compiler's own check knows our
 * packages only, and would take Vert.x's fluent calls for mistakes; so this looks at the compiled code, where what such
 * a call brings is popped, or goes into a variable from which nobody reads it. Whoever has attached a handler that is
 * told of failures has heard; one that is told of success alone leaves them unheard.
 */
final class DroppedFutures extends ArchCondition<JavaClass> {
    private static final Set<String> HEARD = Set.of("onComplete", "onFailure", "whenComplete");
    private static final String DEAF = "onSuccess";
    private static final Set<String> FUTURES =
            Set.of("io/vertx/core/Future", "java/util/concurrent/CompletableFuture", "java/util/concurrent/Future");

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
        try (InputStream octets = item.getSource().get().getUri().toURL().openStream()) {
            ClassNode code = new ClassNode();
            new ClassReader(octets).accept(code, ClassReader.SKIP_FRAMES);
            for (MethodNode method : code.methods) {
                found.addAll(new Values(code.name, method).dropped());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (AnalyzerException e) {
            throw new IllegalStateException(item.getName(), e);
        }
        return found;
    }

    /** Which instructions of a method the values come from that another one finds. */
    private static final class Values {
        private final MethodNode method;
        private final Frame<SourceValue>[] frames;

        Values(String owner, MethodNode method) throws AnalyzerException {
            this.method = method;
            this.frames = new Analyzer<>(new SourceInterpreter()).analyze(owner, method);
        }

        List<String> dropped() {
            List<String> popped = new ArrayList<>();
            Map<AbstractInsnNode, String> kept = new LinkedHashMap<>();
            Set<AbstractInsnNode> read = new HashSet<>();
            for (AbstractInsnNode each : method.instructions) {
                Frame<SourceValue> frame = before(each);
                if (frame == null) {
                    continue; // nobody comes there
                }
                switch (each.getOpcode()) {
                    case Opcodes.POP -> unheard(frame).ifPresent(popped::add);
                    case Opcodes.ASTORE -> unheard(frame).ifPresent(place -> kept.put(each, place));
                    case Opcodes.ALOAD -> read.addAll(frame.getLocal(((VarInsnNode) each).var).insns);
                    default -> {}
                }
            }
            kept.keySet().removeAll(read);
            popped.addAll(kept.values());
            return popped;
        }

        private Frame<SourceValue> before(AbstractInsnNode each) {
            return frames[method.instructions.indexOf(each)];
        }

        private static Set<AbstractInsnNode> sources(Frame<SourceValue> frame, int fromTop) {
            return frame.getStack(frame.getStackSize() - 1 - fromTop).insns;
        }

        /** Where the Future on top of the stack comes from, if it is one whose failure nobody has heard of. */
        private Optional<String> unheard(Frame<SourceValue> frame) {
            for (AbstractInsnNode source : sources(frame, 0)) {
                if (source instanceof MethodInsnNode call && isFuture(call) && !isHeard(call)) {
                    return Optional.of(call.owner + "." + call.name + ", line " + line(call));
                }
            }
            return Optional.empty();
        }

        private static boolean isFuture(MethodInsnNode call) {
            Type brings = Type.getReturnType(call.desc);
            return brings.getSort() == Type.OBJECT && FUTURES.contains(brings.getInternalName());
        }

        private boolean isHeard(MethodInsnNode call) {
            if (!call.name.equals(DEAF)) {
                return HEARD.contains(call.name);
            }
            return sources(before(call), Type.getArgumentTypes(call.desc).length).stream()
                    .allMatch(source -> source instanceof MethodInsnNode previous && isHeard(previous));
        }

        private static int line(AbstractInsnNode call) {
            AbstractInsnNode at = call;
            while (at != null && !(at instanceof LineNumberNode)) {
                at = at.getPrevious();
            }
            return at instanceof LineNumberNode number ? number.line : 0;
        }
    }
}
