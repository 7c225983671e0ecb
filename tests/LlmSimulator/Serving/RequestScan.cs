using System.Text.Json;

namespace Gateway.LlmSimulator.Serving;

/// <summary>What an answer depends on, found in one pass over the request's bytes.</summary>
internal ref struct RequestScan
{
    /// <summary>The model's raw bytes, escapes not undone (model names have none in practice).</summary>
    public ReadOnlySpan<byte> Model;

    /// <summary>The raw bytes of the <c>user</c> member; empty without one.</summary>
    public ReadOnlySpan<byte> User;

    public bool Stream;
    public bool IncludeUsage;
    public bool Base64;
    public bool HasTools;

    /// <summary>Whether there is more than plain texts of the usual roles, so that the provider's rules have to be looked at.</summary>
    public bool NeedsRules;

    /// <summary>Whether the conversation ends in a tool's result, so that the answer should be words.</summary>
    public bool EndsInToolResult;

    public int? MaxTokens;
    public int? Dimensions;

    /// <summary>UTF-8 bytes of all prompt text; a prompt given as token ids counts four per token.</summary>
    public long PromptBytes;

    /// <summary>Where the last prompt text lies in the body, raw and without its quotes.</summary>
    public Range LastText;

    public readonly int PromptTokens => (int)((PromptBytes + 3) / 4);

    /// <exception cref="JsonException">The body is not JSON.</exception>
    public static RequestScan Read(ReadOnlySpan<byte> body)
    {
        var scan = new RequestScan();
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = 256 });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("The body is not a JSON object.");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("messages"u8))
            {
                scan.ReadMessages(ref reader);
            }
            else if (reader.ValueTextEquals("model"u8))
            {
                _ = reader.Read();
                scan.Model = reader.TokenType == JsonTokenType.String ? reader.ValueSpan : default;
                reader.Skip();
            }
            else if (reader.ValueTextEquals("prompt"u8) || reader.ValueTextEquals("input"u8))
            {
                scan.ReadPrompt(ref reader);
            }
            else
            {
                scan.ReadOption(ref reader);
            }
        }

        return reader.TokenType == JsonTokenType.EndObject && !reader.Read() ? scan : throw new JsonException("The body is not one JSON object.");
    }

    private void ReadOption(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("stream"u8))
        {
            _ = reader.Read();
            Stream = reader.TokenType == JsonTokenType.True;
        }
        else if (reader.ValueTextEquals("user"u8))
        {
            _ = reader.Read();
            User = reader.TokenType == JsonTokenType.String ? reader.ValueSpan : default;
        }
        else if (reader.ValueTextEquals("max_tokens"u8) || reader.ValueTextEquals("max_completion_tokens"u8))
        {
            _ = reader.Read();
            MaxTokens = reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var n) ? n : MaxTokens;
        }
        else if (reader.ValueTextEquals("dimensions"u8))
        {
            _ = reader.Read();
            Dimensions = reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var n) ? n : null;
        }
        else if (reader.ValueTextEquals("encoding_format"u8))
        {
            _ = reader.Read();
            Base64 = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("base64"u8);
        }
        else if (reader.ValueTextEquals("tools"u8))
        {
            _ = reader.Read();
            HasTools = reader.TokenType == JsonTokenType.StartArray;
            NeedsRules = true;
        }
        else if (reader.ValueTextEquals("stream_options"u8))
        {
            _ = reader.Read();
            ReadStreamOptions(ref reader);
            return;
        }
        else
        {
            NeedsRules |= reader.ValueTextEquals("response_format"u8) || reader.ValueTextEquals("tool_choice"u8);
            _ = reader.Read();
        }

        reader.Skip();
    }

    private void ReadStreamOptions(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var wanted = reader.ValueTextEquals("include_usage"u8);
            _ = reader.Read();
            IncludeUsage |= wanted && reader.TokenType == JsonTokenType.True;
            reader.Skip();
        }
    }

    private void ReadMessages(ref Utf8JsonReader reader)
    {
        var isText = false;
        var isRole = false;
        var depth = reader.CurrentDepth;
        while (reader.Read() && reader.CurrentDepth > depth - 1)
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    isRole = reader.ValueTextEquals("role"u8);
                    isText = !isRole && (reader.ValueTextEquals("content"u8) || reader.ValueTextEquals("text"u8));
                    NeedsRules |= !isRole && !isText;
                    break;
                case JsonTokenType.String when isRole:
                    EndsInToolResult = reader.ValueTextEquals("tool"u8);
                    NeedsRules |= !reader.ValueTextEquals("user"u8) && !reader.ValueTextEquals("assistant"u8) && !reader.ValueTextEquals("system"u8) && !reader.ValueTextEquals("developer"u8);
                    isRole = false;
                    break;
                case JsonTokenType.String when isText:
                    AddText(ref reader);
                    break;
                case JsonTokenType.EndArray when reader.CurrentDepth == depth:
                    return;
                default:
                    break;
            }
        }
    }

    private void ReadPrompt(ref Utf8JsonReader reader)
    {
        var depth = reader.CurrentDepth;
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.String)
            {
                AddText(ref reader);
            }
            else if (reader.TokenType == JsonTokenType.Number)
            {
                PromptBytes += 4;
            }

            if (reader.CurrentDepth == depth && reader.TokenType is not JsonTokenType.StartArray and not JsonTokenType.StartObject)
            {
                return;
            }
        }
    }

    private void AddText(ref Utf8JsonReader reader)
    {
        var raw = reader.ValueSpan;
        var start = (int)reader.TokenStartIndex + 1;
        LastText = start..(start + raw.Length);
        PromptBytes += reader.ValueIsEscaped ? UnescapedBytes(ref reader) : raw.Length;
    }

    private static int UnescapedBytes(ref Utf8JsonReader reader)
    {
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(reader.ValueSpan.Length);
        try
        {
            return reader.CopyString(buffer);
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("A text is not valid UTF-8 or has a lone surrogate.", e);
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
