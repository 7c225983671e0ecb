using System.Text.Json;

namespace Gateway.Dialects.Anthropic;

/// <summary>Usage put together from the places where a stream names it: a later figure replaces an earlier one, a figure that is missing leaves it.</summary>
internal struct UsageTally
{
    private Figures _answer;
    private Figures _compaction;
    private long _thinking;
    private long _searches;
    private ReportedTier _tier;

    /// <summary>True when any usage was read.</summary>
    public bool IsSet { get; private set; }

    /// <summary>What the provider calls the answer's usage.</summary>
    public readonly TokenCounts Counts
    {
        get
        {
            var counts = _answer.ToCounts();
            counts.Reasoning = Math.Min(_thinking, counts.Output);
            counts.Output -= counts.Reasoning;
            counts.WebSearches = _searches;
            counts.Tier = _tier;
            return counts;
        }
    }

    /// <summary>What is billed: also the summary that the provider made of a long conversation, which the answer's usage leaves out.</summary>
    public readonly TokenCounts Billed => Counts.Add(_compaction.ToCounts());

    /// <summary>Reads a <c>usage</c> value; the reader stands on it and, afterwards, on its end.</summary>
    public void Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        var read = Figures.Missing;
        long thinking = -1;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (read.TryRead(ref reader))
            {
                continue;
            }

            if (reader.ValueTextEquals("output_tokens_details"u8))
            {
                thinking = ReadWithin(ref reader, "thinking_tokens"u8, thinking);
            }
            else if (reader.ValueTextEquals("server_tool_use"u8))
            {
                _searches = Math.Max(_searches, ReadWithin(ref reader, "web_search_requests"u8, 0));
            }
            else if (reader.ValueTextEquals("service_tier"u8))
            {
                reader.Read();
                _tier = ReportedTiers.Read(ref reader, _tier);
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

        // Some compatible providers repeat the input as 0 at the end of a stream; the input is one figure in several classes, so they are replaced together.
        if (read.HasInput || !IsSet)
        {
            _answer.TakeInput(read);
        }

        _answer.Output = read.Output >= 0 ? read.Output : _answer.Output;
        _thinking = thinking >= 0 ? thinking : _thinking;
        IsSet |= read.Input >= 0 || read.Output >= 0;
    }

    /// <summary>Reads one count of the object that follows.</summary>
    private static long ReadWithin(ref Utf8JsonReader reader, ReadOnlySpan<byte> name, long otherwise)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return otherwise;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals(name))
            {
                otherwise = ReadCount(ref reader, otherwise);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return otherwise;
    }

    private void ReadIterations(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return;
        }

        _compaction = default;
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
        var read = default(Figures);
        var compaction = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("type"u8))
            {
                reader.Read();
                compaction = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("compaction"u8);
                reader.Skip();
            }
            else if (!read.TryRead(ref reader))
            {
                reader.Read();
                reader.Skip();
            }
        }

        if (compaction)
        {
            _compaction.Add(read);
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

    /// <summary>The counts of one report; below zero: not said.</summary>
    private struct Figures
    {
        private long _cacheRead;
        private long _cacheWrite;
        private long _cacheHour;

        public static Figures Missing => new() { Input = -1, _cacheRead = -1, _cacheWrite = -1, _cacheHour = -1, Output = -1 };

        public long Input { get; private set; }

        public long Output { get; set; }

        public readonly bool HasInput => Input > 0 || _cacheRead > 0 || _cacheWrite > 0;

        public bool TryRead(ref Utf8JsonReader reader)
        {
            if (reader.ValueTextEquals("input_tokens"u8))
            {
                Input = ReadCount(ref reader, Input);
            }
            else if (reader.ValueTextEquals("output_tokens"u8))
            {
                Output = ReadCount(ref reader, Output);
            }
            else if (reader.ValueTextEquals("cache_read_input_tokens"u8))
            {
                _cacheRead = ReadCount(ref reader, _cacheRead);
            }
            else if (reader.ValueTextEquals("cache_creation_input_tokens"u8))
            {
                _cacheWrite = ReadCount(ref reader, _cacheWrite);
            }
            else if (reader.ValueTextEquals("cache_creation"u8))
            {
                _cacheHour = ReadWithin(ref reader, "ephemeral_1h_input_tokens"u8, _cacheHour);
            }
            else
            {
                return false;
            }

            return true;
        }

        public void TakeInput(in Figures read)
        {
            Input = read.Input >= 0 ? read.Input : Input;
            _cacheRead = read._cacheRead >= 0 ? read._cacheRead : _cacheRead;
            _cacheWrite = read._cacheWrite >= 0 ? read._cacheWrite : _cacheWrite;
            _cacheHour = read._cacheHour >= 0 ? read._cacheHour : _cacheHour;
        }

        public void Add(in Figures other)
        {
            Input += other.Input;
            Output += other.Output;
            _cacheRead += other._cacheRead;
            _cacheWrite += other._cacheWrite;
            _cacheHour += other._cacheHour;
        }

        public readonly TokenCounts ToCounts()
        {
            var hour = Math.Min(_cacheHour, _cacheWrite);
            return new TokenCounts { Input = Input, CacheRead = _cacheRead, CacheWrite = _cacheWrite - hour, CacheWriteHour = hour, Output = Output };
        }
    }
}
