using System.Text.Json;

namespace Gateway.Dialects.Anthropic;

/// <summary>Usage put together from the places where a stream names it: a later figure replaces an earlier one, a figure that is missing leaves it.</summary>
internal struct UsageTally
{
    private long _input;
    private long _cacheRead;
    private long _cacheWrite;
    private long _output;
    private long _thinking;
    private long _compactionInput;
    private long _compactionCacheRead;
    private long _compactionCacheWrite;
    private long _compactionOutput;

    /// <summary>True when any usage was read.</summary>
    public bool IsSet { get; private set; }

    /// <summary>What the provider calls the answer's usage.</summary>
    public readonly TokenCounts Counts => new()
    {
        Input = _input,
        CacheRead = _cacheRead,
        CacheWrite = _cacheWrite,
        Output = _output - Math.Min(_thinking, _output),
        Reasoning = Math.Min(_thinking, _output),
    };

    /// <summary>What is billed: also the summary that the provider made of a long conversation, which the answer's usage leaves out.</summary>
    public readonly TokenCounts Billed
    {
        get
        {
            var counts = Counts;
            counts.Input += _compactionInput;
            counts.CacheRead += _compactionCacheRead;
            counts.CacheWrite += _compactionCacheWrite;
            counts.Output += _compactionOutput;
            return counts;
        }
    }

    /// <summary>Reads a <c>usage</c> value; the reader stands on it and, afterwards, on its end.</summary>
    public void Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        long input = -1, cacheRead = -1, cacheWrite = -1, output = -1, thinking = -1;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!TryCount(ref reader, ref input, ref cacheRead, ref cacheWrite, ref output))
            {
                if (reader.ValueTextEquals("output_tokens_details"u8))
                {
                    reader.Read();
                    ReadDetails(ref reader, ref thinking);
                }
                else if (reader.ValueTextEquals("iterations"u8))
                {
                    reader.Read();
                    ReadIterations(ref reader);
                }
                else
                {
                    reader.Read();
                    reader.Skip();
                }
            }
        }

        // Some compatible providers repeat the input as 0 at the end of a stream; the input is one figure in three classes, so they are replaced together.
        if (input > 0 || cacheRead > 0 || cacheWrite > 0 || !IsSet)
        {
            _input = input >= 0 ? input : _input;
            _cacheRead = cacheRead >= 0 ? cacheRead : _cacheRead;
            _cacheWrite = cacheWrite >= 0 ? cacheWrite : _cacheWrite;
        }

        _output = output >= 0 ? output : _output;
        _thinking = thinking >= 0 ? thinking : _thinking;
        IsSet |= input >= 0 || output >= 0;
    }

    private static bool TryCount(ref Utf8JsonReader reader, ref long input, ref long cacheRead, ref long cacheWrite, ref long output)
    {
        if (reader.ValueTextEquals("input_tokens"u8))
        {
            input = ReadCount(ref reader, input);
        }
        else if (reader.ValueTextEquals("output_tokens"u8))
        {
            output = ReadCount(ref reader, output);
        }
        else if (reader.ValueTextEquals("cache_read_input_tokens"u8))
        {
            cacheRead = ReadCount(ref reader, cacheRead);
        }
        else if (reader.ValueTextEquals("cache_creation_input_tokens"u8))
        {
            cacheWrite = ReadCount(ref reader, cacheWrite);
        }
        else
        {
            return false;
        }

        return true;
    }

    private static void ReadDetails(ref Utf8JsonReader reader, ref long thinking)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("thinking_tokens"u8))
            {
                thinking = ReadCount(ref reader, thinking);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }
    }

    private void ReadIterations(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return;
        }

        _compactionInput = _compactionCacheRead = _compactionCacheWrite = _compactionOutput = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                ReadIteration(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private void ReadIteration(ref Utf8JsonReader reader)
    {
        long input = 0, cacheRead = 0, cacheWrite = 0, output = 0;
        var compaction = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("type"u8))
            {
                reader.Read();
                compaction = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("compaction"u8);
                reader.Skip();
            }
            else if (!TryCount(ref reader, ref input, ref cacheRead, ref cacheWrite, ref output))
            {
                reader.Read();
                reader.Skip();
            }
        }

        if (compaction)
        {
            _compactionInput += input;
            _compactionCacheRead += cacheRead;
            _compactionCacheWrite += cacheWrite;
            _compactionOutput += output;
        }
    }

    private static long ReadCount(ref Utf8JsonReader reader, long otherwise)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Number)
        {
            return reader.TryGetInt64(out var whole) ? Math.Max(whole, 0) : reader.TryGetDouble(out var value) && value is >= 0 and < 1e15 ? (long)value : otherwise;
        }

        reader.Skip();
        return otherwise;
    }
}
