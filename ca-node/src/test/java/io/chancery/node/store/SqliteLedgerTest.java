package io.chancery.node.store;

import io.chancery.core.certificate.SerialNumber;
import io.chancery.node.issuance.IssuanceLedger;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init")
class SqliteLedgerTest extends LedgerContract {
    @TempDir
    private Path folder;

    private final List<Integer> batches = new CopyOnWriteArrayList<>();
    private SqliteStore store;

    @BeforeEach
    void open() throws StoreException {
        store = SqliteStore.open(folder, 1000, false, "birth", clock);
        store.observe(new WriteObserver() {
            @Override
            public void committed(int writes, Duration commit) {
                batches.add(writes);
            }

            @Override
            public void failed(int writes) {}
        });
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Override
    IssuanceLedger ledger() {
        return store.ledger();
    }

    @Override
    StoreJobs jobs() {
        return store.jobs();
    }

    @Override
    void restart() throws Exception {
        store.close();
        open();
    }

    @Override
    void beginEpoch() throws Exception {
        get(store.newEpoch(soon()));
    }

    @Override
    Optional<CertificateState> state(SerialNumber serial) throws Exception {
        return CertificateSearch.in(folder).show(serial).map(CertificateSearch.Found::state);
    }

    @Override
    List<String> events(SerialNumber serial) throws Exception {
        return CertificateSearch.in(folder).show(serial).orElseThrow().history().events().stream()
                .map(CertificateSearch.Event::name)
                .toList();
    }

    @Override
    Runnable holdWrites() throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        store.writer()
                .submit(
                        session -> {
                            held.countDown();
                            try {
                                return go.await(20, TimeUnit.SECONDS);
                            } catch (InterruptedException e) {
                                throw new SQLException(e);
                            }
                        },
                        soon());
        held.await();
        return go::countDown;
    }

    @Override
    List<Integer> batches() {
        return batches;
    }
}
