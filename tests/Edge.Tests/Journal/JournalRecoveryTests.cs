using Gateway.Edge.Journal;

namespace Gateway.Edge.Tests.Journal;

/// <summary>What a crash or a power cut can leave in a segment, byte by byte.</summary>
public sealed class JournalRecoveryTests
{
    private const int Records = 5;

    [Fact]
    public void A_record_whose_writing_stopped_at_any_byte_is_skipped_and_its_neighbours_are_kept()
    {
        using var fixture = new JournalFixture();
        var (bytes, offsets) = Written(fixture);
        var (start, end) = (offsets[2], offsets[3]);
        for (var cut = start; cut < end; cut++)
        {
            // Stores happen in the order head, body, commit word: the commit word is missing whatever else got there.
            var torn = bytes.ToArray();
            Array.Clear(torn, cut, end - cut);
            Array.Clear(torn, start + 8, 8);
            Array.Clear(torn, start, cut < start + 8 ? 8 : 0);

            var (models, recovery) = Recover(fixture, torn);

            Assert.Equal(["m0", "m1", "m3", "m4"], models);
            Assert.Equal((4, 0L), (recovery.Pending, recovery.Damaged));
        }
    }

    [Fact]
    public void A_changed_byte_anywhere_in_a_record_costs_that_record_only()
    {
        using var fixture = new JournalFixture();
        var (bytes, offsets) = Written(fixture);
        for (var at = offsets[2]; at < offsets[3]; at++)
        {
            var changed = bytes.ToArray();
            changed[at] ^= 0x10;

            var (models, recovery) = Recover(fixture, changed);

            Assert.Equal(["m0", "m1", "m3", "m4"], models);
            Assert.Equal((4, 1L), (recovery.Pending, recovery.Damaged));
        }
    }

    [Fact]
    public void A_segment_cut_to_zeros_at_any_byte_gives_what_was_whole_before()
    {
        using var fixture = new JournalFixture();
        var (bytes, offsets) = Written(fixture);
        for (var cut = SegmentHeader.Size; cut <= offsets[Records]; cut += 3)
        {
            var torn = bytes.ToArray();
            Array.Clear(torn, cut, torn.Length - cut);

            // What was cleared may have been zero anyway: padding belongs to no value.
            var whole = Enumerable.Range(0, Records).Count(i => torn.AsSpan(offsets[i], offsets[i + 1] - offsets[i]).SequenceEqual(bytes.AsSpan(offsets[i], offsets[i + 1] - offsets[i])));

            Assert.Equal(Enumerable.Range(0, whole).Select(i => $"m{i}"), Recover(fixture, torn).Models);
        }
    }

    [Fact]
    public void Holes_of_any_length_between_records_are_crossed()
    {
        using var fixture = new JournalFixture();
        var (bytes, offsets) = Written(fixture);
        foreach (var (from, to) in new[] { (0, 1), (0, 4), (1, 2), (1, 4), (3, 5), (0, 5) })
        {
            var torn = bytes.ToArray();
            Array.Clear(torn, offsets[from], offsets[to] - offsets[from]);

            var (models, recovery) = Recover(fixture, torn);

            Assert.Equal(Enumerable.Range(0, Records).Where(i => i < from || i >= to).Select(i => $"m{i}"), models);
            Assert.Equal(0, recovery.Damaged);
        }
    }

    [Fact]
    public void Noise_is_crossed_and_never_read_as_a_record()
    {
        using var fixture = new JournalFixture();
        var (bytes, offsets) = Written(fixture);
        var random = new Random(17);
        for (var round = 0; round < 200; round++)
        {
            var noisy = bytes.ToArray();
            random.NextBytes(noisy.AsSpan(offsets[1], offsets[4] - offsets[1]));

            Assert.Equal(["m0", "m4"], Recover(fixture, noisy).Models);
        }
    }

    [Fact]
    public void A_record_copied_to_another_place_is_not_a_record()
    {
        using var fixture = new JournalFixture();
        var (bytes, offsets) = Written(fixture);
        bytes.AsSpan(offsets[1], offsets[2] - offsets[1]).CopyTo(bytes.AsSpan(offsets[Records]));

        Assert.Equal(Records, Recover(fixture, bytes).Models.Count);
    }

    [Fact]
    public void Segments_that_cannot_be_read_are_kept_aside_and_the_rest_goes_on()
    {
        using var fixture = new JournalFixture();
        var (bytes, _) = Written(fixture);
        Directory.CreateDirectory(fixture.Folder);
        var later = bytes.ToArray();
        later[8] = SegmentHeader.Format + 1;
        File.WriteAllBytes(Path.Combine(fixture.Folder, SegmentHeader.FileName(1)), later);
        File.WriteAllBytes(Path.Combine(fixture.Folder, SegmentHeader.FileName(2)), bytes[..100]);
        File.WriteAllBytes(Path.Combine(fixture.Folder, SegmentHeader.FileName(3)), []);
        File.WriteAllBytes(Path.Combine(fixture.Folder, SegmentHeader.FileName(4) + ".tmp"), bytes);

        using var journal = fixture.Open();
        JournalFixture.Append(journal, JournalFixture.Entry("m"));

        Assert.Equal(new JournalRecovery(0, 0, 0, 3), journal.Recovery);
        Assert.Single(JournalFixture.ReadAll(journal));
        Assert.True(File.Exists(Path.Combine(fixture.Folder, SegmentHeader.FileName(1))));
        Assert.True(File.Exists(Path.Combine(fixture.Folder, SegmentHeader.FileName(2) + ".damaged")));
        Assert.True(File.Exists(Path.Combine(fixture.Folder, SegmentHeader.FileName(3) + ".damaged")));
        Assert.False(File.Exists(Path.Combine(fixture.Folder, SegmentHeader.FileName(4) + ".tmp")));
    }

    private static (byte[] Segment, int[] Offsets) Written(JournalFixture fixture)
    {
        using (var journal = fixture.Open())
        {
            for (var i = 0; i < Records; i++)
            {
                JournalFixture.Append(journal, JournalFixture.Entry($"m{i}"));
            }

            var ends = journal.EnumerateFrom(JournalPosition.Start).Select(i => i.Next.Offset).Prepend(SegmentHeader.Size).ToArray();
            var bytes = Read(fixture.Segments()[0]);
            journal.Dispose();
            Directory.Delete(fixture.Folder, recursive: true);
            return (bytes, ends);
        }
    }

    private static byte[] Read(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static (List<string> Models, JournalRecovery Recovery) Recover(JournalFixture fixture, byte[] segment)
    {
        Assert.Equal(SegmentHeaderState.Good, SegmentHeader.TryRead(segment, out var header));
        var path = Path.Combine(fixture.Root, "segment");
        File.WriteAllBytes(path, segment);
        using var cursor = new SegmentEntry(path, header).TryOpen(SegmentHeader.Size)!;
        var models = new List<string>();
        while (cursor.Step(out var view) == CursorStep.Record)
        {
            models.Add(System.Text.Encoding.UTF8.GetString(view.Model));
        }

        return (models, new JournalRecovery(models.Count, cursor.Torn, cursor.Damaged, 0));
    }
}
