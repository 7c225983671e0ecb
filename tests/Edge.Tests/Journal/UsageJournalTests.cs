using Gateway.Edge.Journal;

namespace Gateway.Edge.Tests.Journal;

public sealed class UsageJournalTests
{
    [Fact]
    public void Appends_of_many_threads_are_all_read_back_once_while_segments_roll_over()
    {
        using var fixture = new JournalFixture();
        using var journal = fixture.Open();
        const int Threads = 8, Each = 5_000;
        var threads = Enumerable.Range(0, Threads).Select(t => new Thread(() =>
        {
            for (var i = 0; i < Each; i++)
            {
                JournalFixture.Append(journal, JournalFixture.Entry($"{t}-{i}"));
            }
        })).ToArray();
        Array.ForEach(threads, t => t.Start());

        // Read along with the writers: no one waits for the other.
        using var reader = Reader(journal);
        var models = new List<string>();
        var ids = new HashSet<string>();
        var start = TimeProvider.System.GetTimestamp();
        while (models.Count < Threads * Each && TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(60))
        {
            if (reader.TryReadItem(out var item))
            {
                models.Add(item.Record.Model);
                Assert.True(ids.Add(item.Record.Id), "an id came twice");
            }
        }

        Array.ForEach(threads, t => t.Join());
        Assert.Equal(Threads * Each, models.Distinct().Count());
        Assert.False(reader.TryReadItem(out _));
        Assert.Equal(Threads * Each, journal.BacklogRecords);
        foreach (var one in models.GroupBy(m => m.Split('-')[0]))
        {
            Assert.Equal(Enumerable.Range(0, Each), one.Select(m => int.Parse(m.Split('-')[1], System.Globalization.CultureInfo.InvariantCulture)));
        }

        Assert.True(fixture.Segments().Length > 50);
    }

    [Fact]
    public void Appending_allocates_nothing()
    {
        using var fixture = new JournalFixture();
        using var journal = fixture.Open(16 * 1024 * 1024);
        var entry = JournalFixture.Entry("gpt-4o-mini");
        for (var i = 0; i < 1000; i++)
        {
            Assert.True(journal.TryAppend(in entry));
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10_000; i++)
        {
            _ = journal.TryAppend(in entry);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(11_000, journal.Appended);
    }

    [Fact]
    public void Records_survive_a_reopening_and_keep_their_ids()
    {
        using var fixture = new JournalFixture();
        List<Contracts.Usage.UsageRecord> before;
        string? edge;
        using (var journal = fixture.Open())
        {
            for (var i = 0; i < 1000; i++)
            {
                JournalFixture.Append(journal, JournalFixture.Entry($"m{i}", i));
            }

            before = JournalFixture.ReadAll(journal);
            edge = journal.EdgeId;
        }

        using var again = fixture.Open();
        Assert.Equal(before, JournalFixture.ReadAll(again));
        Assert.Equal(1000, again.BacklogRecords);
        Assert.Equal(edge, again.EdgeId);
        Assert.Equal(new JournalRecovery(1000, 0, 0, 0), again.Recovery);
    }

    [Fact]
    public void Ids_are_new_after_the_folder_was_wiped()
    {
        using var fixture = new JournalFixture();
        var ids = new HashSet<string>();
        for (var round = 0; round < 3; round++)
        {
            using (var journal = fixture.Open())
            {
                JournalFixture.Append(journal, JournalFixture.Entry("m"));
                Assert.True(ids.Add(JournalFixture.ReadAll(journal).Single().Id));
            }

            Directory.Delete(fixture.Folder, recursive: true);
        }
    }

    [Fact]
    public async Task Acknowledgements_survive_a_restart_and_free_the_disk()
    {
        using var fixture = new JournalFixture();
        JournalPosition middle = default;
        using (var journal = fixture.Open())
        {
            for (var i = 0; i < 2000; i++)
            {
                JournalFixture.Append(journal, JournalFixture.Entry($"m{i}"));
            }

            using var reader = Reader(journal);
            for (var i = 0; i < 1234; i++)
            {
                Assert.True(reader.TryReadItem(out _));
            }

            middle = reader.Position;
            journal.Acknowledge(middle, 1234);
            Assert.Equal(766, journal.BacklogRecords);
            await JournalFixture.Until(() => fixture.Segments()[0].Contains(middle.Segment.ToString("x16", null), StringComparison.Ordinal), "acknowledged segments are gone");
        }

        using var again = fixture.Open();
        Assert.Equal(middle, again.Acknowledged);
        Assert.Equal(766, again.BacklogRecords);
        using var rest = Reader(again);
        Assert.Equal(Enumerable.Range(1234, 766).Select(i => $"m{i}"), Drain(rest));

        // Taken to the end, everything but the segment in use goes.
        again.Acknowledge(rest.Position, 766);
        Assert.Equal(0, again.BacklogRecords);
        await JournalFixture.Until(() => fixture.Segments().Length <= 2, "all read segments are gone");
    }

    [Fact]
    public void A_position_that_was_torn_while_written_costs_only_a_step_back()
    {
        using var fixture = new JournalFixture();
        var path = Path.Combine(fixture.Root, "acked");
        using (var file = AcknowledgedFile.Open(path))
        {
            file.Save(new JournalPosition(7, 100));
            file.Save(new JournalPosition(8, 200));
        }

        var bytes = File.ReadAllBytes(path);
        for (var torn = 0; torn < 20; torn++)
        {
            var copy = bytes.ToArray();
            copy[torn] ^= 0x55;
            File.WriteAllBytes(path, copy);
            using var file = AcknowledgedFile.Open(path);
            Assert.Equal(new JournalPosition(7, 100), file.Position);
            file.Save(new JournalPosition(9, 300));
            Assert.Equal(new JournalPosition(9, 300), file.Position);
        }
    }

    [Fact]
    public async Task A_replay_keeps_what_is_acknowledged_until_it_lets_go()
    {
        using var fixture = new JournalFixture();
        using var journal = fixture.Open(hold: true);
        for (var i = 0; i < 2000; i++)
        {
            JournalFixture.Append(journal, JournalFixture.Entry($"m{i}"));
        }

        var half = journal.EnumerateFrom(JournalPosition.Start).ElementAt(999).Next;
        using (var reader = Reader(journal))
        {
            _ = Drain(reader).Count();
            journal.Acknowledge(reader.Position, 2000);
        }

        journal.Flush();
        Assert.Equal(2000, JournalFixture.ReadAll(journal).Count);
        Assert.Equal(Enumerable.Range(1000, 1000).Select(i => $"m{i}"), journal.EnumerateFrom(half).Select(i => i.Record.Model));
        Assert.Empty(journal.EnumerateFrom(journal.CurrentPosition));

        journal.RetainFrom = half;
        await JournalFixture.Until(() => fixture.Segments()[0].Contains(half.Segment.ToString("x16", null), StringComparison.Ordinal), "segments before the position are gone");
        Assert.Equal(Enumerable.Range(1000, 1000).Select(i => $"m{i}"), journal.EnumerateFrom(half).Select(i => i.Record.Model));
    }

    [Fact]
    public void A_position_beyond_the_journal_replays_everything()
    {
        using var fixture = new JournalFixture();
        using var journal = fixture.Open();
        JournalFixture.Append(journal, JournalFixture.Entry("m"));

        Assert.Single(journal.EnumerateFrom(new JournalPosition(long.MaxValue, 64)));
        Assert.Empty(journal.EnumerateFrom(journal.CurrentPosition));
    }

    [Fact]
    public async Task Local_history_drops_its_oldest_and_has_no_backlog()
    {
        using var fixture = new JournalFixture();
        using var journal = fixture.Open(local: true, maxBytes: 6 * 64 * 1024);
        for (var i = 0; i < 10_000; i++)
        {
            JournalFixture.Append(journal, JournalFixture.Entry($"m{i}"));
        }

        await JournalFixture.Until(() => journal.Bytes <= 6 * 64 * 1024, "old segments are gone");
        var kept = JournalFixture.ReadAll(journal);
        Assert.Equal("m9999", kept[^1].Model);
        Assert.InRange(kept.Count, 300, 3000);
        Assert.Equal(0, journal.BacklogRecords);
    }

    [Fact]
    public async Task At_its_limit_it_refuses_and_says_why_and_goes_on_once_there_is_room()
    {
        using var fixture = new JournalFixture();
        using var journal = fixture.Open(maxBytes: 3 * 64 * 1024);
        var entry = JournalFixture.Entry("m");
        var taken = 0;
        await JournalFixture.Until(
            () =>
            {
                while (journal.TryAppend(in entry))
                {
                    taken++;
                }

                return journal.NotReadyReason is not null;
            },
            "the limit is reached");
        Assert.Contains("reached its limit of 196608 bytes", journal.NotReadyReason, StringComparison.Ordinal);
        Assert.Equal(taken, journal.BacklogRecords);

        using var reader = Reader(journal);
        Assert.Equal(taken, Drain(reader).Count());
        journal.Acknowledge(reader.Position, taken);
        await JournalFixture.Until(() => journal.TryAppend(in entry), "there is room again");
        Assert.Null(journal.NotReadyReason);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_refuses_until_it_can()
    {
        using var fixture = new JournalFixture();
        await File.WriteAllTextAsync(fixture.Folder, "a file where the folder should be", TestContext.Current.CancellationToken);
        using var journal = fixture.Open();
        var entry = JournalFixture.Entry("m");

        Assert.False(journal.TryAppend(in entry));
        Assert.Contains("cannot be written", journal.NotReadyReason, StringComparison.Ordinal);
        Assert.Null(journal.TryOpenReader());

        File.Delete(fixture.Folder);
        await JournalFixture.Until(() => journal.TryAppend(in entry), "the folder is usable");
        Assert.Null(journal.NotReadyReason);
        Assert.Single(JournalFixture.ReadAll(journal));
    }

    [Fact]
    public async Task A_second_process_waits_for_the_first()
    {
        using var fixture = new JournalFixture();
        var first = fixture.Open();
        using var second = fixture.Open();
        var entry = JournalFixture.Entry("m");
        Assert.True(first.TryAppend(in entry));
        Assert.False(second.TryAppend(in entry));
        Assert.NotNull(second.NotReadyReason);

        first.Dispose();
        Assert.False(first.TryAppend(in entry));
        await JournalFixture.Until(() => second.TryAppend(in entry), "the folder is free");
        Assert.Equal(2, JournalFixture.ReadAll(second).Count);
    }

    [Fact]
    public void Closing_under_load_loses_no_record_that_was_confirmed()
    {
        using var fixture = new JournalFixture();
        var confirmed = new int[4];
        using (var journal = fixture.Open(1024 * 1024))
        {
            using var warm = new CountdownEvent(confirmed.Length);
            var threads = confirmed.Select((_, t) => new Thread(() =>
            {
                for (var i = 0; i < 1_000_000; i++)
                {
                    if (!journal.TryAppend(JournalFixture.Entry($"{t}-{i}")))
                    {
                        if (i <= 100)
                        {
                            warm.Signal();
                        }

                        break;
                    }

                    confirmed[t]++;
                    if (i == 100)
                    {
                        warm.Signal();
                    }
                }
            })).ToArray();
            Array.ForEach(threads, t => t.Start());
            warm.Wait(TestContext.Current.CancellationToken);
            journal.Dispose();
            Array.ForEach(threads, t => t.Join());
        }

        // A writer that outruns the next segment waits for it; none was refused before the close.
        Assert.All(confirmed, static c => Assert.True(c > 100));
        using var again = fixture.Open(1024 * 1024);
        Assert.Equal(new JournalRecovery(confirmed.Sum(), 0, 0, 0), again.Recovery);
    }

    [Fact]
    public void Files_are_for_the_owner_only()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Unix permissions");
            return;
        }

        using var fixture = new JournalFixture();
        using var journal = fixture.Open();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(fixture.Segments()[0]));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(fixture.Folder));
    }

    private static JournalReader Reader(UsageJournal journal) => journal.TryOpenReader() ?? throw new InvalidOperationException("The folder is not open.");

    private static IEnumerable<string> Drain(JournalReader reader)
    {
        while (reader.TryReadItem(out var item))
        {
            yield return item.Record.Model;
        }
    }
}
