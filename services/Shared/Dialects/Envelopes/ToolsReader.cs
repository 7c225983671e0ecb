using System.Text.Json;

namespace Gateway.Dialects.Envelopes;

/// <summary>Reads the tools that a request offers for what their length does not tell: providers describe tools of their own to the model themselves, and some of these bring more into the prompt.</summary>
internal static class ToolsReader
{
    private const int Most = byte.MaxValue;

    /// <summary>Reads a list of tools; whatever else stands there is the provider's to refuse.</summary>
    public static void Read(ref Utf8JsonReader reader, bool namedByMember, ref RequestEnvelope envelope)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            envelope.HasTools |= reader.TokenType != JsonTokenType.Null;
            reader.Skip();
            return;
        }

        var depth = reader.CurrentDepth;
        var (isSearch, uses, searches, areBounded) = (false, 0, 0L, true);
        while (reader.Read() && !(reader.TokenType == JsonTokenType.EndArray && reader.CurrentDepth == depth))
        {
            envelope.HasTools = true;
            if (reader.TokenType == JsonTokenType.EndObject && reader.CurrentDepth == depth + 1)
            {
                (searches, areBounded) = (searches + (isSearch ? uses : 0), areBounded && (!isSearch || uses > 0));
                (isSearch, uses) = (false, 0);
            }

            if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != depth + 2)
            {
                continue;
            }

            if (namedByMember)
            {
                Note(IsFunctions(reader) ? ToolKind.Callers : ToolKind.Hosted, ref envelope);
                reader.Skip();
            }
            else if (reader.ValueTextEquals("type"u8))
            {
                reader.Read();
                Note(reader.TokenType == JsonTokenType.String ? KindOf(reader) : ToolKind.Callers, ref envelope);
                isSearch = reader.TokenType == JsonTokenType.String && reader.ValueSpan.StartsWith("web_search"u8);
                reader.Skip();
            }
            else if (reader.ValueTextEquals("max_uses"u8))
            {
                reader.Read();
                uses = reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var most) ? most : 0;
                reader.Skip();
            }
        }

        envelope.MostSearches = areBounded ? (ushort)Math.Min(searches, ushort.MaxValue) : (ushort)0;
    }

    private static void Note(ToolKind kind, ref RequestEnvelope envelope)
    {
        if (kind == ToolKind.BuiltIn)
        {
            envelope.BuiltInTools = (byte)Math.Min(Most, envelope.BuiltInTools + 1);
        }
        else if (kind == ToolKind.Hosted)
        {
            envelope.HostedTools = (byte)Math.Min(Most, envelope.HostedTools + 1);
        }
    }

    private static bool IsFunctions(in Utf8JsonReader reader) => reader.ValueTextEquals("functionDeclarations"u8) || reader.ValueTextEquals("function_declarations"u8);

    private static ToolKind KindOf(in Utf8JsonReader reader)
    {
        var name = reader.ValueSpan;
        return reader.ValueTextEquals("function"u8) || reader.ValueTextEquals("custom"u8) ? ToolKind.Callers
            : name.StartsWith("computer"u8) || name.StartsWith("bash"u8) || name.StartsWith("text_editor"u8) || name.StartsWith("memory"u8) || name.StartsWith("tool_search"u8)
                || name.StartsWith("apply_patch"u8) || name.StartsWith("shell"u8) || name.StartsWith("local_shell"u8) ? ToolKind.BuiltIn
            : ToolKind.Hosted;
    }

    private enum ToolKind
    {
        Callers,
        BuiltIn,
        Hosted,
    }
}
