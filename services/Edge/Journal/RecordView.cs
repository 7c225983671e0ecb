using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using Gateway.Contracts.Usage;

namespace Gateway.Edge.Journal;

/// <summary>A published record where it lies in a segment. Valid until the reader it came from moves on.</summary>
internal readonly unsafe ref struct RecordView
{
    /// <summary>Characters of a record id.</summary>
    public const int IdChars = 32;

    private readonly byte* _at;
    private readonly ulong _writer;
    private readonly ulong _sequence;

    /// <summary>Looks at a whole record.</summary>
    /// <param name="at">Where it starts.</param>
    /// <param name="writer">Random id of the process run that wrote the segment.</param>
    /// <param name="position">Where it lies.</param>
    public RecordView(byte* at, ulong writer, JournalPosition position)
    {
        _at = at;
        _writer = writer;
        // Unique within the run, as a place is written once.
        _sequence = ((ulong)position.Segment << 32) | (uint)position.Offset;
    }

    /// <summary>The run that wrote it, as 16 hex digits: the first half of its id.</summary>
    public string Writer => _writer.ToString("x16", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Its place in all that the run wrote: the second half of its id.</summary>
    public long Sequence => (long)_sequence;

    public long StartedAtMicros => Get<long>(16);

    public long DurationMicros => Get<long>(24);

    public long FirstByteMicros => Get<long>(32);

    public long CostNanoUsd => Get<long>(40);

    public long InputTokens => Get<long>(48);

    public long CacheReadTokens => Get<long>(56);

    public long CacheWriteTokens => Get<long>(64);

    public long OutputTokens => Get<long>(72);

    public long ReasoningTokens => Get<long>(80);

    public long AudioInputTokens => Get<long>(88);

    public long AudioOutputTokens => Get<long>(96);

    public long CacheWriteHourTokens => Later(120);

    public long ImageInputTokens => Later(128);

    public long ImageCacheReadTokens => Later(136);

    public long ImageOutputTokens => Later(144);

    public long AudioCacheReadTokens => Later(152);

    public long Epoch => Later(208);

    public int Status => Get<int>(104);

    public int Attempts => Get<int>(108);

    public Operation Operation => (Operation)_at[112];

    public RequestOutcome Outcome => (RequestOutcome)_at[113];

    public bool Stream => (_at[114] & 1) != 0;

    public bool Estimated => (_at[114] & 2) != 0;

    public bool Continued => (_at[114] & 4) != 0;

    public ReadOnlySpan<byte> KeyId => Text(0);

    public ReadOnlySpan<byte> TeamId => Text(1);

    public ReadOnlySpan<byte> Model => Text(2);

    public ReadOnlySpan<byte> DeploymentId => Text(3);

    public ReadOnlySpan<byte> ProviderId => Text(4);

    public ReadOnlySpan<byte> ErrorCode => Text(5);

    public ReadOnlySpan<byte> PriceVersion => Text(6);

    public ReadOnlySpan<byte> UserId => Text(7);

    public ReadOnlySpan<byte> CustomerId => Text(8);

    public ReadOnlySpan<byte> EndUser => Text(9);

    /// <summary>One space between two.</summary>
    public ReadOnlySpan<byte> Tags => Text(10);

    /// <summary>One space between two.</summary>
    public ReadOnlySpan<byte> Budgets => Text(11);

    public ReadOnlySpan<byte> Route => Text(12);

    public ReadOnlySpan<byte> CredentialId => Text(13);

    public ReadOnlySpan<byte> SessionId => Text(14);

    public ServiceTier Tier => _at[115] == 0 ? ServiceTier.Standard : (ServiceTier)_at[115];

    public UsageUnits Units => IsFirstFormat
        ? default
        : new UsageUnits
        {
            Images = Get<long>(160),
            Pixels = Get<long>(168),
            ImageQuality = (ImageQuality)_at[116],
            AudioMilliseconds = Get<long>(176),
            Characters = Get<long>(184),
            Searches = Get<long>(192),
            WebSearches = Get<long>(200),
            WebSearchSize = (WebSearchSize)_at[117],
        };

    /// <summary>Where the answer came from, when no provider was called for it.</summary>
    public CacheUse Cache => HasCache ? (CacheUse)Get<long>(CacheAt) : CacheUse.None;

    public long SavedNanoUsd => HasCache ? Get<long>(CacheAt + 8) : 0;

    public long SavedTokens => HasCache ? Get<long>(CacheAt + 16) : 0;

    private bool HasCache => !IsFirstFormat && (_at[RecordLayout.FlagsAt] & RecordLayout.CacheFlag) != 0;

    private int CacheAt => StringOffset(RecordLayout.StringCount) + (HasGivenId ? RecordLayout.GivenIdBytes : 0);

    /// <summary>True when the record's id is not the journal's but was given with it.</summary>
    public bool HasGivenId => (_at[RecordLayout.FlagsAt] & RecordLayout.GivenIdFlag) != 0;

    /// <summary>The trace's id, 16 bytes; empty for none.</summary>
    public ReadOnlySpan<byte> TraceId
    {
        get
        {
            if (IsFirstFormat)
            {
                return [];
            }

            var bytes = new ReadOnlySpan<byte>(_at + 216, 16);
            return bytes.IndexOfAnyExcept((byte)0) < 0 ? [] : bytes;
        }
    }

    private bool IsFirstFormat => _at[RecordLayout.FormatAt] == RecordLayout.FirstFormat.Number;

    /// <summary>Writes the record's id, 32 lower-case hex digits.</summary>
    public void WriteId(Span<byte> destination)
    {
        Span<byte> raw = stackalloc byte[16];
        if (HasGivenId)
        {
            var strings = IsFirstFormat ? RecordLayout.FirstFormat.StringCount : RecordLayout.StringCount;
            _ = Convert.TryToHexStringLower(new ReadOnlySpan<byte>(_at + StringOffset(strings), raw.Length), destination, out _);
            return;
        }

        BinaryPrimitives.WriteUInt64BigEndian(raw, _writer);
        BinaryPrimitives.WriteUInt64BigEndian(raw[8..], _sequence);
        _ = Convert.TryToHexStringLower(raw, destination, out _);
    }

    /// <summary>Copies the record out.</summary>
    public UsageRecord ToRecord()
    {
        Span<byte> id = stackalloc byte[IdChars];
        WriteId(id);
        return new UsageRecord
        {
            Id = Encoding.ASCII.GetString(id),
            StartedAtMicros = StartedAtMicros,
            DurationMicros = DurationMicros,
            FirstByteMicros = FirstByteMicros,
            KeyId = Encoding.UTF8.GetString(KeyId),
            TeamId = Encoding.UTF8.GetString(TeamId),
            UserId = Encoding.UTF8.GetString(UserId),
            CustomerId = Encoding.UTF8.GetString(CustomerId),
            EndUser = Encoding.UTF8.GetString(EndUser),
            Tags = Items(Tags),
            Budgets = Items(Budgets),
            Epoch = Epoch,
            Operation = Operation,
            Model = Encoding.UTF8.GetString(Model),
            Route = Encoding.UTF8.GetString(Route),
            DeploymentId = Encoding.UTF8.GetString(DeploymentId),
            ProviderId = Encoding.UTF8.GetString(ProviderId),
            CredentialId = Encoding.UTF8.GetString(CredentialId),
            Status = Status,
            Outcome = Outcome,
            ErrorCode = Encoding.UTF8.GetString(ErrorCode),
            Stream = Stream,
            Attempts = Attempts,
            Tokens = new TokenUsage
            {
                Input = InputTokens,
                CacheRead = CacheReadTokens,
                CacheWrite = CacheWriteTokens,
                Output = OutputTokens,
                Reasoning = ReasoningTokens,
                AudioInput = AudioInputTokens,
                AudioOutput = AudioOutputTokens,
                CacheWriteHour = CacheWriteHourTokens,
                ImageInput = ImageInputTokens,
                ImageCacheRead = ImageCacheReadTokens,
                ImageOutput = ImageOutputTokens,
                AudioCacheRead = AudioCacheReadTokens,
            },
            Units = Units,
            Tier = Tier,
            TraceId = Convert.ToHexStringLower(TraceId),
            SessionId = Encoding.UTF8.GetString(SessionId),
            Estimated = Estimated,
            Continued = Continued,
            Cache = Cache,
            SavedNanoUsd = SavedNanoUsd,
            SavedTokens = SavedTokens,
            CostNanoUsd = CostNanoUsd,
            PriceVersion = Encoding.UTF8.GetString(PriceVersion),
        };
    }

    private T Get<T>(int offset)
        where T : unmanaged
        => Unsafe.ReadUnaligned<T>(_at + offset);

    // What format 1 does not have is 0.
    private long Later(int offset) => IsFirstFormat ? 0 : Get<long>(offset);

    private ReadOnlySpan<byte> Text(int index)
    {
        if (IsFirstFormat && index >= RecordLayout.FirstFormat.StringCount)
        {
            return [];
        }

        var lengths = IsFirstFormat ? RecordLayout.FirstFormat.LengthsAt : RecordLayout.LengthsAt;
        return new(_at + StringOffset(index), Get<ushort>(lengths + (index * 2)));
    }

    private int StringOffset(int index)
    {
        var lengths = IsFirstFormat ? RecordLayout.FirstFormat.LengthsAt : RecordLayout.LengthsAt;
        var offset = IsFirstFormat ? RecordLayout.FirstFormat.StringsAt : RecordLayout.StringsAt;
        for (var i = 0; i < index; i++)
        {
            offset += Get<ushort>(lengths + (i * 2));
        }

        return offset;
    }

    private static IReadOnlyList<string> Items(ReadOnlySpan<byte> list)
        => list.IsEmpty ? [] : Encoding.UTF8.GetString(list).Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
