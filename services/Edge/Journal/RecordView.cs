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

    /// <summary>Writes the record's id, 32 lower-case hex digits.</summary>
    public void WriteId(Span<byte> destination)
    {
        Span<byte> raw = stackalloc byte[16];
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
            Operation = Operation,
            Model = Encoding.UTF8.GetString(Model),
            DeploymentId = Encoding.UTF8.GetString(DeploymentId),
            ProviderId = Encoding.UTF8.GetString(ProviderId),
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
            },
            Estimated = Estimated,
            Continued = Continued,
            CostNanoUsd = CostNanoUsd,
            PriceVersion = Encoding.UTF8.GetString(PriceVersion),
        };
    }

    private T Get<T>(int offset)
        where T : unmanaged
        => Unsafe.ReadUnaligned<T>(_at + offset);

    private ReadOnlySpan<byte> Text(int index)
    {
        var offset = RecordLayout.StringsAt;
        for (var i = 0; i < index; i++)
        {
            offset += Get<ushort>(RecordLayout.LengthsAt + (i * 2));
        }

        return new ReadOnlySpan<byte>(_at + offset, Get<ushort>(RecordLayout.LengthsAt + (index * 2)));
    }
}
