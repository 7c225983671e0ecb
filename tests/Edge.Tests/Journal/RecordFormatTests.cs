using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Contracts.Usage;
using Gateway.Edge.Journal;

namespace Gateway.Edge.Tests.Journal;

public sealed class RecordFormatTests
{
    private const ulong Writer = 0x0123456789ABCDEF;

    private static readonly JournalPosition Place = new(0x0000_0000_1122_3344, 64);

    [Fact]
    public void Bytes_of_a_record_never_change()
    {
        // Journals outlive the program that wrote them: change the format number, not this text.
        var entry = new UsageEntry
        {
            StartedAtMicros = 1, DurationMicros = 2, FirstByteMicros = 3, CostNanoUsd = 4, InputTokens = 5, CacheReadTokens = 6, CacheWriteTokens = 7,
            OutputTokens = 8, ReasoningTokens = 9, AudioInputTokens = 10, AudioOutputTokens = 11, Status = 200, Attempts = 12,
            Operation = Operation.Embedding, Outcome = RequestOutcome.ClientCancelled, Stream = true, Estimated = true,
            KeyId = "k", TeamId = "tt", Model = "mü", DeploymentId = "dddd", ProviderId = "p", ErrorCode = "e", PriceVersion = "v1",
        };

        Assert.Equal(Golden, Convert.ToHexStringLower(Encode(entry)));
    }

    [Fact]
    public void Bytes_of_a_segment_header_never_change()
    {
        var bytes = new byte[SegmentHeader.Size];
        new SegmentHeader(0x11223344, Writer, 65536).Write(bytes);

        Assert.Equal(
            "475755534147450001000000000000004433221100000000efcdab896745230100000100000000000000000000000000000000000000000000000000884ad9e4",
            Convert.ToHexStringLower(bytes));
        Assert.Equal(SegmentHeaderState.Good, SegmentHeader.TryRead(bytes, out var header));
        Assert.Equal(new SegmentHeader(0x11223344, Writer, 65536), header);
    }

    [Fact]
    public void A_header_of_a_later_format_is_told_from_a_damaged_one()
    {
        var bytes = new byte[SegmentHeader.Size];
        new SegmentHeader(1, Writer, 65536).Write(bytes);
        var damaged = bytes.ToArray();
        damaged[20] ^= 1;
        bytes[8] = SegmentHeader.Format + 1;

        Assert.Equal(SegmentHeaderState.Newer, SegmentHeader.TryRead(bytes, out _));
        Assert.Equal(SegmentHeaderState.Damaged, SegmentHeader.TryRead(damaged, out _));
        Assert.Equal(SegmentHeaderState.Damaged, SegmentHeader.TryRead(damaged.AsSpan(0, 10), out _));
    }

    [Fact]
    public void The_id_is_the_writer_and_the_place()
        => Assert.Equal("0123456789abcdef1122334400000040", Decode(Encode(new UsageEntry { Outcome = RequestOutcome.Completed })).Id);

    [Fact]
    public void Anything_written_reads_back_the_same()
    {
        var text = ArbMap.Default.GeneratorFor<string>();
        var number = ArbMap.Default.GeneratorFor<long>();
        var entries =
            from numbers in Gen.ArrayOf(number, 11)
            from texts in Gen.ArrayOf(text, 7)
            from status in ArbMap.Default.GeneratorFor<int>()
            from attempts in ArbMap.Default.GeneratorFor<int>()
            from operation in Gen.Elements(Enum.GetValues<Operation>())
            from outcome in Gen.Elements(Enum.GetValues<RequestOutcome>())
            from stream in ArbMap.Default.GeneratorFor<bool>()
            from estimated in ArbMap.Default.GeneratorFor<bool>()
            from continued in ArbMap.Default.GeneratorFor<bool>()
            select new UsageEntry
            {
                StartedAtMicros = numbers[0], DurationMicros = numbers[1], FirstByteMicros = numbers[2], CostNanoUsd = numbers[3],
                InputTokens = numbers[4], CacheReadTokens = numbers[5], CacheWriteTokens = numbers[6], OutputTokens = numbers[7],
                ReasoningTokens = numbers[8], AudioInputTokens = numbers[9], AudioOutputTokens = numbers[10],
                Status = status, Attempts = attempts, Operation = operation, Outcome = outcome, Stream = stream, Estimated = estimated, Continued = continued,
                KeyId = texts[0], TeamId = texts[1], Model = texts[2], DeploymentId = texts[3], ProviderId = texts[4], ErrorCode = texts[5], PriceVersion = texts[6],
            };

        Prop.ForAll(entries.ToArbitrary(), entry => Expected(entry) == Decode(Encode(entry))).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_long_model_name_is_cut_at_a_character_within_256_bytes()
    {
        Assert.Equal(new string('m', 256), Decode(Encode(new UsageEntry { Model = new string('m', 300) })).Model);
        Assert.Equal(new string('ü', 128), Decode(Encode(new UsageEntry { Model = new string('ü', 300) })).Model);
        Assert.Equal("m" + new string('ü', 127), Decode(Encode(new UsageEntry { Model = "m" + new string('ü', 300), KeyId = "k" })).Model);
        Assert.Equal(string.Concat(Enumerable.Repeat("😀", 64)), Decode(Encode(new UsageEntry { Model = string.Concat(Enumerable.Repeat("😀", 100)) })).Model);
    }

    [Fact]
    public void The_longest_of_everything_fits()
    {
        var huge = new string('語', 5000);
        var entry = new UsageEntry { KeyId = huge, TeamId = huge, Model = huge, DeploymentId = huge, ProviderId = huge, ErrorCode = huge, PriceVersion = huge };

        var record = Decode(Encode(entry));

        Assert.Equal(new string('語', 85), record.Model);
        Assert.All([record.KeyId, record.TeamId, record.DeploymentId, record.ProviderId, record.ErrorCode, record.PriceVersion], t => Assert.Equal(new string('語', 341), t));
        Assert.InRange(Encode(entry).Length, RecordLayout.MinBytes, RecordLayout.MaxBytes);
    }

    private const string Golden =
        "90000000010187196a255400314c4e4a010000000000000002000000000000000300000000000000040000000000000005000000000000000600000000000000"
        + "0700000000000000080000000000000009000000000000000a000000000000000b00000000000000c80000000c0000000306030001000200030004000100010002006b74746dc3bc6464646470657631";

    internal static unsafe byte[] Encode(UsageEntry entry)
    {
        var length = RecordLayout.Measure(in entry);
        var bytes = new byte[length];
        fixed (byte* at = bytes)
        {
            RecordLayout.Write(at, Place.Offset, length, Seed, in entry);
            var head = *(ulong*)at;
            Assert.True(RecordLayout.IsHead(head, Place.Offset, Place.Offset + length, Seed));
            Assert.True(RecordLayout.IsWhole(at, head, *(ulong*)(at + 8), Seed));
        }

        return bytes;
    }

    private static uint Seed => new SegmentHeader(Place.Segment, Writer, 65536).Seed;

    private static unsafe UsageRecord Decode(byte[] bytes)
    {
        fixed (byte* at = bytes)
        {
            return new RecordView(at, Writer, Place).ToRecord();
        }
    }

    private static UsageRecord Expected(UsageEntry entry) => new()
    {
        Id = "0123456789abcdef1122334400000040",
        StartedAtMicros = entry.StartedAtMicros,
        DurationMicros = entry.DurationMicros,
        FirstByteMicros = entry.FirstByteMicros,
        CostNanoUsd = entry.CostNanoUsd,
        Tokens = new TokenUsage
        {
            Input = entry.InputTokens, CacheRead = entry.CacheReadTokens, CacheWrite = entry.CacheWriteTokens, Output = entry.OutputTokens,
            Reasoning = entry.ReasoningTokens, AudioInput = entry.AudioInputTokens, AudioOutput = entry.AudioOutputTokens,
        },
        Status = entry.Status,
        Attempts = entry.Attempts,
        Operation = entry.Operation,
        Outcome = entry.Outcome,
        Stream = entry.Stream,
        Estimated = entry.Estimated,
        Continued = entry.Continued,
        KeyId = Valid(entry.KeyId),
        TeamId = Valid(entry.TeamId),
        Model = Valid(entry.Model),
        DeploymentId = Valid(entry.DeploymentId),
        ProviderId = Valid(entry.ProviderId),
        ErrorCode = Valid(entry.ErrorCode),
        PriceVersion = Valid(entry.PriceVersion),
    };

    // Lone surrogates have no UTF-8: they come back as U+FFFD.
    private static string Valid(string? text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text ?? ""));
}
