using System.Buffers;
using System.Text.Json;
using Gateway.Contracts.Usage;

namespace Gateway.Edge.Journal;

/// <summary>
/// Records on their way to governance: each written once from the mapped file into one reused buffer as the JSON of a
/// <see cref="UsageRecord"/>, without strings or objects in between. Any run of them makes a <see cref="UsageBatch"/>.
/// Numbers and flags at zero are left out; strings never are, since a reader's default for them is null.
/// </summary>
internal sealed class UsageBatchBuffer : IDisposable
{
    /// <summary>Bytes after which a batch is complete whatever its count.</summary>
    public const int FullAtBytes = 2 * 1024 * 1024;

    private static readonly byte[][] Operations = Names<Operation>();
    private static readonly byte[][] Outcomes = Names<RequestOutcome>();

    private readonly ArrayBufferWriter<byte> _buffer = new(64 * 1024);
    private readonly List<(int Start, int End)> _records = [];
    private readonly Utf8JsonWriter _json;

    /// <summary>Makes an empty buffer.</summary>
    public UsageBatchBuffer() => _json = new Utf8JsonWriter(_buffer);

    /// <summary>Records in the buffer.</summary>
    public int Count => _records.Count;

    /// <summary>Bytes in the buffer.</summary>
    public int Bytes => _buffer.WrittenCount;

    /// <summary>Forgets all records, keeps the memory.</summary>
    public void Clear()
    {
        _buffer.ResetWrittenCount();
        _records.Clear();
    }

    /// <summary>Adds a record.</summary>
    public void Add(in RecordView record)
    {
        if (_records.Count > 0)
        {
            _buffer.Write(","u8);
        }

        var start = _buffer.WrittenCount;
        _json.Reset();
        WriteRecord(_json, in record);
        _json.Flush();
        _records.Add((start, _buffer.WrittenCount));
    }

    /// <summary>Records <paramref name="from"/> to <paramref name="to"/> (exclusive), separated by commas. Valid until the buffer changes.</summary>
    public ReadOnlyMemory<byte> Slice(int from, int to)
        => from == to ? default : _buffer.WrittenMemory[_records[from].Start.._records[to - 1].End];

    /// <inheritdoc/>
    public void Dispose() => _json.Dispose();

    private static void WriteRecord(Utf8JsonWriter json, in RecordView record)
    {
        Span<byte> id = stackalloc byte[RecordView.IdChars];
        record.WriteId(id);
        json.WriteStartObject();
        json.WriteString("id"u8, id);
        json.WriteNumber("startedAtMicros"u8, record.StartedAtMicros);
        Number(json, "durationMicros"u8, record.DurationMicros);
        Number(json, "firstByteMicros"u8, record.FirstByteMicros);
        json.WriteString("keyId"u8, record.KeyId);
        json.WriteString("teamId"u8, record.TeamId);
        Name(json, "operation"u8, Operations, (int)record.Operation);
        json.WriteString("model"u8, record.Model);
        json.WriteString("deploymentId"u8, record.DeploymentId);
        json.WriteString("providerId"u8, record.ProviderId);
        Number(json, "status"u8, record.Status);
        Name(json, "outcome"u8, Outcomes, (int)record.Outcome);
        json.WriteString("errorCode"u8, record.ErrorCode);
        Flag(json, "stream"u8, record.Stream);
        Number(json, "attempts"u8, record.Attempts);
        json.WriteStartObject("tokens"u8);
        Number(json, "input"u8, record.InputTokens);
        Number(json, "cacheRead"u8, record.CacheReadTokens);
        Number(json, "cacheWrite"u8, record.CacheWriteTokens);
        Number(json, "output"u8, record.OutputTokens);
        Number(json, "reasoning"u8, record.ReasoningTokens);
        Number(json, "audioInput"u8, record.AudioInputTokens);
        Number(json, "audioOutput"u8, record.AudioOutputTokens);
        json.WriteEndObject();
        Flag(json, "estimated"u8, record.Estimated);
        Flag(json, "continued"u8, record.Continued);
        Number(json, "costNanoUsd"u8, record.CostNanoUsd);
        json.WriteString("priceVersion"u8, record.PriceVersion);
        json.WriteEndObject();
    }

    private static void Number(Utf8JsonWriter json, ReadOnlySpan<byte> name, long value)
    {
        if (value != 0)
        {
            json.WriteNumber(name, value);
        }
    }

    private static void Flag(Utf8JsonWriter json, ReadOnlySpan<byte> name, bool value)
    {
        if (value)
        {
            json.WriteBoolean(name, value);
        }
    }

    private static void Name(Utf8JsonWriter json, ReadOnlySpan<byte> member, byte[][] names, int value)
    {
        if (value < names.Length && names[value].Length > 0)
        {
            json.WriteString(member, names[value]);
        }
        else
        {
            // A number this build has no name for; the enum converter reads numbers as well.
            json.WriteNumber(member, value);
        }
    }

    private static byte[][] Names<T>()
        where T : struct, Enum
    {
        var values = Enum.GetValues<T>();
        var names = new byte[values.Max(v => Convert.ToInt32(v, null)) + 1][];
        Array.Fill(names, []);
        foreach (var value in values)
        {
            names[Convert.ToInt32(value, null)] = System.Text.Encoding.UTF8.GetBytes(value.ToString());
        }

        return names;
    }
}
