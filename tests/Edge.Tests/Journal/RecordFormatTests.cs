using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Contracts;
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
        Assert.Equal(Golden, Convert.ToHexStringLower(Encode(Everything())));
    }

    [Fact]
    public void A_record_of_format_1_is_read()
    {
        var record = Decode(Convert.FromHexString(FirstFormat));

        Assert.Equal(
            Json(Expected(new UsageEntry
            {
                StartedAtMicros = 1, DurationMicros = 2, FirstByteMicros = 3, CostNanoUsd = 4, InputTokens = 5, CacheReadTokens = 6, CacheWriteTokens = 7,
                OutputTokens = 8, ReasoningTokens = 9, AudioInputTokens = 10, AudioOutputTokens = 11, Status = 200, Attempts = 12,
                Operation = Operation.Embedding, Outcome = RequestOutcome.ClientCancelled, Stream = true, Estimated = true,
                KeyId = "k", TeamId = "tt", Model = "mü", DeploymentId = "dddd", ProviderId = "p", ErrorCode = "e", PriceVersion = "v1",
            })),
            Json(record));
    }

    [Fact]
    public void A_journal_that_an_older_build_left_is_delivered()
    {
        using var fixture = new JournalFixture();
        Directory.CreateDirectory(fixture.Folder);
        var file = new byte[65536];
        Convert.FromHexString(FirstHeader).CopyTo(file, 0);
        Convert.FromHexString(FirstFormat).CopyTo(file, SegmentHeader.Size);
        File.WriteAllBytes(Path.Combine(fixture.Folder, SegmentHeader.FileName(Place.Segment)), file);

        using var journal = fixture.Open();
        JournalFixture.Append(journal, Everything());

        Assert.Equal((1, 0), (journal.Recovery.Pending, journal.Recovery.Damaged));
        Assert.Equal(["mü", "mü😀<>&"], JournalFixture.ReadAll(journal).Select(r => r.Model));
    }

    [Fact]
    public void A_record_of_format_1_with_a_given_id_is_read()
    {
        // As the build before wrote it: the strings of format 1, then the id.
        var strings = Convert.FromHexString(FirstFormat)[130..];
        var given = new byte[130 + 16 + 16];
        Convert.FromHexString(FirstFormat).AsSpan(0, 130).CopyTo(given);
        given[RecordLayout.FlagsAt] |= RecordLayout.GivenIdFlag;
        strings.AsSpan(0, 14).CopyTo(given.AsSpan(130));
        Enumerable.Range(1, 16).Select(i => (byte)i).ToArray().CopyTo(given, 130 + 14);

        Assert.Equal("0102030405060708090a0b0c0d0e0f10", Decode(given).Id);
    }

    [Fact]
    public void Bytes_of_a_segment_header_never_change()
    {
        var bytes = new byte[SegmentHeader.Size];
        new SegmentHeader(0x11223344, Writer, 65536).Write(bytes);

        Assert.Equal(
            "475755534147450002000000000000004433221100000000efcdab8967452301000001000000000000000000000000000000000000000000000000008721860d",
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
            from numbers in Gen.ArrayOf(number, 23)
            from texts in Gen.ArrayOf(text, 13)
            from lists in Gen.ArrayOf(Gen.Elements("", "a", "a bb", "über x#month y#rolling-30d"), 2)
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
                CacheWriteHourTokens = numbers[11], ImageInputTokens = numbers[12], ImageCacheReadTokens = numbers[13], ImageOutputTokens = numbers[14],
                AudioCacheReadTokens = numbers[15], Epoch = numbers[16], TraceId = (UInt128)(ulong)numbers[17] << 3,
                Units = new UsageUnits
                {
                    Images = numbers[17], Pixels = numbers[18], AudioMilliseconds = numbers[19], Characters = numbers[20], Searches = numbers[21], WebSearches = numbers[22],
                    ImageQuality = ImageQuality.High, WebSearchSize = WebSearchSize.Medium,
                },
                Tier = ServiceTier.Flex, UserId = texts[7], CustomerId = texts[8], EndUser = texts[9], Route = texts[10], CredentialId = texts[11], SessionId = texts[12],
                Tags = lists[0], Budgets = lists[1],
            };

        Prop.ForAll(entries.ToArbitrary(), entry => Json(Expected(entry)) == Json(Decode(Encode(entry)))).QuickCheckThrowOnFailure();
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
        var list = string.Join(' ', Enumerable.Repeat("語語語", 3000));
        var entry = new UsageEntry
        {
            KeyId = huge, TeamId = huge, Model = huge, DeploymentId = huge, ProviderId = huge, ErrorCode = huge, PriceVersion = huge, UserId = huge, CustomerId = huge,
            EndUser = huge, Route = huge, CredentialId = huge, SessionId = huge, Tags = list, Budgets = list, GivenId = UInt128.MaxValue,
        };

        var record = Decode(Encode(entry));

        Assert.Equal(new string('語', 85), record.Model);
        Assert.All([record.KeyId, record.TeamId, record.DeploymentId, record.ProviderId, record.ErrorCode, record.PriceVersion], t => Assert.Equal(new string('語', 341), t));
        Assert.All([record.UserId, record.CustomerId, record.Route, record.CredentialId], t => Assert.Equal(new string('語', 341), t));
        Assert.Equal((new string('語', 85), new string('語', 42)), (record.EndUser, record.SessionId));

        // No item is cut: it would be another one.
        Assert.All([.. record.Tags, .. record.Budgets], item => Assert.Equal("語語語", item));
        Assert.Equal((409, 1638), (record.Tags.Count, record.Budgets.Count));
        Assert.Equal(new string('f', 32), record.Id);
        Assert.InRange(Encode(entry).Length, RecordLayout.MinBytes, RecordLayout.MaxBytes);
    }

    private const string Golden =
        "40010000020194e84a2d854a314c4e4a010000000000000002000000000000000300000000000000040000000000000005000000000000000600000000000000"
        + "0700000000000000080000000000000009000000000000000a000000000000000b00000000000000c80000000c00000003060703050100000d00000000000000"
        + "0e000000000000000f00000000000000100000000000000011000000000000001300000000000000140000000000000015000000000000001600000000000000"
        + "1700000000000000180000000000000012000000000000000102030405060708090a0b0c0d0e0f10010004000a00010001000100020001000100060005001500"
        + "0100020001006b74225c016dc3bcf09f98803c3e2664706576317563656e6420c3bc6120623a6362236d6f6e7468206223726f6c6c696e672d33306472637273";

    private const string FirstHeader =
        "475755534147450001000000000000004433221100000000efcdab896745230100000100000000000000000000000000000000000000000000000000884ad9e4";

    private const string FirstFormat =
        "90000000010187196a255400314c4e4a010000000000000002000000000000000300000000000000040000000000000005000000000000000600000000000000"
        + "0700000000000000080000000000000009000000000000000a000000000000000b00000000000000c80000000c0000000306030001000200030004000100010002006b74746dc3bc6464646470657631";

    internal static UsageEntry Everything() => new()
    {
        StartedAtMicros = 1, DurationMicros = 2, FirstByteMicros = 3, CostNanoUsd = 4, InputTokens = 5, CacheReadTokens = 6, CacheWriteTokens = 7,
        OutputTokens = 8, ReasoningTokens = 9, AudioInputTokens = 10, AudioOutputTokens = 11, Status = 200, Attempts = 12,
        Operation = Operation.Embedding, Outcome = RequestOutcome.ClientCancelled, Stream = true, Estimated = true, Continued = true,
        KeyId = "k", TeamId = "t\"\\\u0001", Model = "mü😀<>&", DeploymentId = "d", ProviderId = "p", ErrorCode = "e", PriceVersion = "v1",
        CacheWriteHourTokens = 13, ImageInputTokens = 14, ImageCacheReadTokens = 15, ImageOutputTokens = 16, AudioCacheReadTokens = 17, Epoch = 18,
        TraceId = new UInt128(0x0102030405060708, 0x090a0b0c0d0e0f10), Tier = ServiceTier.Priority,
        Units = new UsageUnits
        {
            Images = 19, Pixels = 20, AudioMilliseconds = 21, Characters = 22, Searches = 23, WebSearches = 24, ImageQuality = ImageQuality.High, WebSearchSize = WebSearchSize.Low,
        },
        UserId = "u", CustomerId = "c", EndUser = "end ü", Route = "r", CredentialId = "cr", SessionId = "s", Tags = "a b:c", Budgets = "b#month b#rolling-30d",
    };

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
            CacheWriteHour = entry.CacheWriteHourTokens, ImageInput = entry.ImageInputTokens, ImageCacheRead = entry.ImageCacheReadTokens,
            ImageOutput = entry.ImageOutputTokens, AudioCacheRead = entry.AudioCacheReadTokens,
        },
        Units = entry.Units,
        Tier = entry.Tier == 0 ? ServiceTier.Standard : entry.Tier,
        Epoch = entry.Epoch,
        TraceId = entry.TraceId == 0 ? "" : entry.TraceId.ToString("x32", null),
        UserId = Valid(entry.UserId),
        CustomerId = Valid(entry.CustomerId),
        EndUser = Valid(entry.EndUser),
        Route = Valid(entry.Route),
        CredentialId = Valid(entry.CredentialId),
        SessionId = Valid(entry.SessionId),
        Tags = (entry.Tags ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries),
        Budgets = (entry.Budgets ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries),
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

    private static string Json(UsageRecord record) => JsonSerializer.Serialize(record, ContractsJson.Default.UsageRecord);

    // Lone surrogates have no UTF-8: they come back as U+FFFD.
    private static string Valid(string? text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text ?? ""));
}
