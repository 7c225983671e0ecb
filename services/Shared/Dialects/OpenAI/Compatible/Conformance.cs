using System.Text.Json;

namespace Gateway.Dialects.OpenAI.Compatible;

/// <summary>
/// Checks in one pass, without allocation, whether an answer or a chunk is what official clients accept. What they do not care about (unknown members,
/// missing optional ones) is not looked at.
/// </summary>
internal ref struct Conformance
{
    private readonly bool _isChunk;
    private readonly ToolCallLedger? _ledger;
    private Utf8JsonReader _reader;
    private bool _hasUsage;
    private bool _hasHiddenUsage;

    private Conformance(ReadOnlySpan<byte> json, bool isChunk, ToolCallLedger? ledger)
    {
        _reader = new Utf8JsonReader(json);
        _isChunk = isChunk;
        _ledger = ledger;
    }

    /// <summary>True when nothing is to be done: the JSON conforms, or is no answer at all (an error, a terminator, no JSON).</summary>
    public static bool Holds(ReadOnlySpan<byte> json, bool isChunk, ToolCallLedger? ledger)
    {
        // Not JSON, or an object that is something else: not for us to touch.
        if (json.IsEmpty || json[^1] is not ((byte)'}' or (byte)' ' or (byte)'\n' or (byte)'\r'))
        {
            return true;
        }

        try
        {
            return new Conformance(json, isChunk, ledger).Root();
        }
        catch (JsonException)
        {
            return true;
        }
    }

    private bool Root()
    {
        if (!_reader.Read() || _reader.TokenType != JsonTokenType.StartObject)
        {
            return true;
        }

        bool hasId = false, hasObject = false, hasCreated = false, hasModel = false, hasChoices = false, choicesHold = true, usageHolds = true, isAnswer = false;
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            if (_reader.ValueTextEquals("id"u8))
            {
                hasId = String();
            }
            else if (_reader.ValueTextEquals("object"u8))
            {
                _reader.Read();
                if (_reader.TokenType == JsonTokenType.String && _reader.ValueTextEquals("text_completion"u8))
                {
                    return true;
                }

                hasObject = _reader.TokenType == JsonTokenType.String
                    && (_reader.ValueTextEquals(_isChunk ? "chat.completion.chunk"u8 : "chat.completion"u8) || _reader.ValueTextEquals(""u8));
                _reader.Skip();
            }
            else if (_reader.ValueTextEquals("created"u8))
            {
                _reader.Read();
                hasCreated = _reader.TokenType == JsonTokenType.Number && _reader.TryGetInt64(out _);
                _reader.Skip();
            }
            else if (_reader.ValueTextEquals("model"u8))
            {
                hasModel = String();
            }
            else if (_reader.ValueTextEquals("choices"u8))
            {
                _reader.Read();
                isAnswer = true;
                hasChoices = _reader.TokenType == JsonTokenType.StartArray;
                choicesHold = Choices();
            }
            else if (_reader.ValueTextEquals("usage"u8))
            {
                _reader.Read();
                _hasUsage = _reader.TokenType == JsonTokenType.StartObject;
                isAnswer |= _hasUsage;
                usageHolds = Usage();
            }
            else if (_reader.ValueTextEquals("x_groq"u8))
            {
                Groq();
            }
            else if (_reader.ValueTextEquals("error"u8))
            {
                _reader.Read();
                if (_reader.TokenType != JsonTokenType.Null)
                {
                    return true;
                }
            }
            else
            {
                _reader.Skip();
            }
        }

        return !isAnswer || (hasId && hasObject && hasCreated && hasModel && hasChoices && choicesHold && usageHolds && (_hasUsage || !_hasHiddenUsage));
    }

    private bool Choices()
    {
        if (_reader.TokenType != JsonTokenType.StartArray)
        {
            _reader.Skip();
            return false;
        }

        var holds = true;
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            if (_reader.TokenType != JsonTokenType.StartObject)
            {
                _reader.Skip();
                holds = false;
                continue;
            }

            holds &= Choice();
        }

        return holds;
    }

    private bool Choice()
    {
        bool hasMessage = false, holds = true, hasFinish = _isChunk;
        var index = -1;
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            if (_reader.ValueTextEquals("index"u8))
            {
                _reader.Read();
                index = _reader.TokenType == JsonTokenType.Number && _reader.TryGetInt32(out var value) ? value : -1;
                _reader.Skip();
            }
            else if (_reader.ValueTextEquals(_isChunk ? "delta"u8 : "message"u8))
            {
                _reader.Read();
                hasMessage = _reader.TokenType == JsonTokenType.StartObject;
                holds &= Message(Math.Max(index, 0));
            }
            else if (_reader.ValueTextEquals("finish_reason"u8))
            {
                _reader.Read();
                if (_reader.TokenType == JsonTokenType.String)
                {
                    hasFinish = true;
                    holds &= OpenAIFinish.IsStandard(_reader.ValueSpan);
                }
                else
                {
                    holds &= _reader.TokenType == JsonTokenType.Null;
                    _reader.Skip();
                }
            }
            else
            {
                _reader.Skip();
            }
        }

        return holds && index >= 0 && hasMessage && hasFinish;
    }

    private bool Message(int choice)
    {
        if (_reader.TokenType != JsonTokenType.StartObject)
        {
            _reader.Skip();
            return false;
        }

        bool holds = true, hasRole = _isChunk;
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            if (_reader.ValueTextEquals("role"u8))
            {
                _reader.Read();
                hasRole |= _reader.TokenType == JsonTokenType.String;
                holds &= _reader.TokenType == JsonTokenType.Null || (_reader.TokenType == JsonTokenType.String && _reader.ValueTextEquals("assistant"u8));
                _reader.Skip();
            }
            else if (_reader.ValueTextEquals("content"u8))
            {
                _reader.Read();
                holds &= _reader.TokenType is JsonTokenType.String or JsonTokenType.Null;
                _reader.Skip();
            }
            else if (_reader.ValueTextEquals("tool_calls"u8))
            {
                _reader.Read();
                holds &= ToolCalls(choice);
            }
            else
            {
                _reader.Skip();
            }
        }

        return holds && hasRole;
    }

    private bool ToolCalls(int choice)
    {
        if (_reader.TokenType != JsonTokenType.StartArray)
        {
            var isNull = _reader.TokenType == JsonTokenType.Null;
            _reader.Skip();
            return isNull;
        }

        var holds = true;
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            if (_reader.TokenType != JsonTokenType.StartObject)
            {
                _reader.Skip();
                holds = false;
                continue;
            }

            holds &= ToolCall(choice);
        }

        return holds;
    }

    private bool ToolCall(int choice)
    {
        bool hasType = false, holds = true, hasName = false, hasBody = false;
        var index = -1;
        ReadOnlySpan<byte> id = default;
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            if (_reader.ValueTextEquals("index"u8))
            {
                _reader.Read();
                index = _reader.TokenType == JsonTokenType.Number && _reader.TryGetInt32(out var value) ? value : -1;
                _reader.Skip();
            }
            else if (_reader.ValueTextEquals("id"u8))
            {
                _reader.Read();
                id = _reader.TokenType == JsonTokenType.String ? _reader.ValueSpan : default;
                holds &= _reader.TokenType is JsonTokenType.String or JsonTokenType.Null;
                _reader.Skip();
            }
            else if (_reader.ValueTextEquals("type"u8))
            {
                _reader.Read();
                hasType = _reader.TokenType == JsonTokenType.String && (_reader.ValueTextEquals("function"u8) || _reader.ValueTextEquals("custom"u8));
                holds &= hasType;
                _reader.Skip();
            }
            else if (_reader.ValueTextEquals("function"u8) || _reader.ValueTextEquals("custom"u8))
            {
                _reader.Read();
                hasBody = true;
                holds &= Function(ref hasName);
            }
            else
            {
                _reader.Skip();
            }
        }

        var opens = hasName || !id.IsEmpty;
        holds &= !_isChunk ? hasType && !id.IsEmpty && hasBody : index >= 0 && (!opens || (hasType && !id.IsEmpty) || _ledger!.Knows(choice, index));
        return holds && (!_isChunk || _ledger!.Observe(choice, index, id, hasName));
    }

    private bool Function(ref bool hasName)
    {
        if (_reader.TokenType != JsonTokenType.StartObject)
        {
            _reader.Skip();
            return false;
        }

        bool holds = true, hasArguments = _isChunk;
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            if (_reader.ValueTextEquals("name"u8))
            {
                _reader.Read();
                hasName = _reader.TokenType == JsonTokenType.String && !_reader.ValueSpan.IsEmpty;
                holds &= _isChunk ? _reader.TokenType is JsonTokenType.String or JsonTokenType.Null : hasName;
                _reader.Skip();
            }
            else if (_reader.ValueTextEquals("arguments"u8) || _reader.ValueTextEquals("input"u8))
            {
                _reader.Read();
                hasArguments = true;
                holds &= _reader.TokenType == JsonTokenType.String;
                _reader.Skip();
            }
            else
            {
                _reader.Skip();
            }
        }

        return holds && hasArguments;
    }

    private bool Usage()
    {
        if (_reader.TokenType != JsonTokenType.StartObject)
        {
            var isNull = _reader.TokenType == JsonTokenType.Null;
            _reader.Skip();
            return isNull;
        }

        var totals = 0;
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            var isTotal = _reader.ValueTextEquals("prompt_tokens"u8) || _reader.ValueTextEquals("completion_tokens"u8) || _reader.ValueTextEquals("total_tokens"u8);
            _reader.Read();
            totals += isTotal && _reader.TokenType == JsonTokenType.Number && _reader.TryGetInt64(out _) ? 1 : 0;
            _reader.Skip();
        }

        return totals == 3;
    }

    private void Groq()
    {
        _reader.Read();
        if (_reader.TokenType != JsonTokenType.StartObject)
        {
            _reader.Skip();
            return;
        }

        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            _hasHiddenUsage |= _reader.ValueTextEquals("usage"u8);
            _reader.Skip();
        }
    }

    private bool String()
    {
        _reader.Read();
        var isString = _reader.TokenType == JsonTokenType.String;
        _reader.Skip();
        return isString;
    }
}
