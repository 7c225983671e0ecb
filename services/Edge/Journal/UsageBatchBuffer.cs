using System.Buffers;
using System.Text.Json;
using Gateway.Contracts.Usage;

namespace Gateway.Edge.Journal;

/// <summary>
/// Records on their way to governance: each written once from the mapped file into one reused buffer as the JSON of a
/// <see cref="UsageRecord"/>, without strings or objects in between. Any run of them makes a <see cref="UsageBatch"/>.
/// What is zero or empty is left out, but for the members that older readers need.
/// </summary>
internal sealed class UsageBatchBuffer : IDisposable
{
    /// <summary>Bytes after which a batch is complete whatever its count.</summary>
    public const int FullAtBytes = 2 * 1024 * 1024;

    private static readonly byte[][] Operations = Names<Operation>();
    private static readonly byte[][] Outcomes = Names<RequestOutcome>();
    private static readonly byte[][] CacheUses = Names<CacheUse>();
    private static readonly byte[][] Tiers = Names<ServiceTier>();
    private static readonly byte[][] Qualities = Names<ImageQuality>();
    private static readonly byte[][] SearchSizes = Names<WebSearchSize>();

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
        Text(json, "userId"u8, record.UserId);
        Text(json, "customerId"u8, record.CustomerId);
        Text(json, "endUser"u8, record.EndUser);
        Items(json, "tags"u8, record.Tags);
        Items(json, "budgets"u8, record.Budgets);
        Number(json, "epoch"u8, record.Epoch);
        Name(json, "operation"u8, Operations, (int)record.Operation);
        json.WriteString("model"u8, record.Model);
        Text(json, "route"u8, record.Route);
        json.WriteString("deploymentId"u8, record.DeploymentId);
        json.WriteString("providerId"u8, record.ProviderId);
        Text(json, "credentialId"u8, record.CredentialId);
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
        Number(json, "cacheWriteHour"u8, record.CacheWriteHourTokens);
        Number(json, "imageInput"u8, record.ImageInputTokens);
        Number(json, "imageCacheRead"u8, record.ImageCacheReadTokens);
        Number(json, "imageOutput"u8, record.ImageOutputTokens);
        Number(json, "audioCacheRead"u8, record.AudioCacheReadTokens);
        json.WriteEndObject();
        WriteUnits(json, record.Units);
        Name(json, "tier"u8, Tiers, (int)record.Tier);
        WriteTrace(json, record.TraceId);
        Text(json, "sessionId"u8, record.SessionId);
        Flag(json, "estimated"u8, record.Estimated);
        Flag(json, "continued"u8, record.Continued);
        if (record.Cache != CacheUse.None)
        {
            Name(json, "cache"u8, CacheUses, (int)record.Cache);
            Number(json, "savedNanoUsd"u8, record.SavedNanoUsd);
            Number(json, "savedTokens"u8, record.SavedTokens);
        }

        Number(json, "costNanoUsd"u8, record.CostNanoUsd);
        json.WriteString("priceVersion"u8, record.PriceVersion);
        json.WriteEndObject();
    }

    private static void WriteUnits(Utf8JsonWriter json, UsageUnits units)
    {
        if (units == default)
        {
            return;
        }

        json.WriteStartObject("units"u8);
        Number(json, "images"u8, units.Images);
        Number(json, "pixels"u8, units.Pixels);
        Name(json, "imageQuality"u8, Qualities, (int)units.ImageQuality);
        Number(json, "audioMilliseconds"u8, units.AudioMilliseconds);
        Number(json, "characters"u8, units.Characters);
        Number(json, "searches"u8, units.Searches);
        Number(json, "webSearches"u8, units.WebSearches);
        Name(json, "webSearchSize"u8, SearchSizes, (int)units.WebSearchSize);
        json.WriteEndObject();
    }

    private static void WriteTrace(Utf8JsonWriter json, ReadOnlySpan<byte> trace)
    {
        if (!trace.IsEmpty)
        {
            Span<byte> hex = stackalloc byte[RecordView.IdChars];
            _ = Convert.TryToHexStringLower(trace, hex, out _);
            json.WriteString("traceId"u8, hex);
        }
    }

    private static void Text(Utf8JsonWriter json, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (!value.IsEmpty)
        {
            json.WriteString(name, value);
        }
    }

    private static void Items(Utf8JsonWriter json, ReadOnlySpan<byte> name, ReadOnlySpan<byte> list)
    {
        if (list.IsEmpty)
        {
            return;
        }

        json.WriteStartArray(name);
        foreach (var item in list.Split((byte)' '))
        {
            if (list[item].Length > 0)
            {
                json.WriteStringValue(list[item]);
            }
        }

        json.WriteEndArray();
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
