using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Anthropic;

/// <summary>Writes the content blocks of a stream. Parts come one after the other; a block begins with its first content, so that none is empty.</summary>
/// <param name="emit">Writes one event: its name and, through a callback, its members.</param>
internal sealed class AnthropicBlockStream(Action<string, Action<Utf8JsonWriter>> emit)
{
    private readonly FreeTextArguments _freeText = new();
    private int _next;
    private bool _open;
    private bool _isCustom;
    private Signature? _proof;

    /// <summary>True once a tool was called.</summary>
    public bool CalledTool { get; private set; }

    /// <summary>Writes what one event of a part means.</summary>
    public void Write(ChatEvent e)
    {
        switch (e.Kind)
        {
            case ChatEventKind.PartStart when e.PartKind == PartKind.ToolCall:
                OpenCall(e);
                break;
            case ChatEventKind.PartStart when e.PartKind == PartKind.Opaque && e is { Origin: DialectId.Anthropic, Raw: not null }:
                WriteOpaque(e.Raw.Value);
                break;
            case ChatEventKind.Delta:
                WriteDelta(e);
                break;
            case ChatEventKind.PartEnd:
                End(e);
                break;
        }
    }

    private void OpenCall(ChatEvent e)
    {
        CalledTool = true;
        _isCustom = e.Flag;
        Open(writer =>
        {
            writer.WriteString("type"u8, "tool_use"u8);
            writer.WriteString("id"u8, ToolIds.Fit(e.Id ?? "", AnthropicBlocks.MaxIdLength));
            writer.WriteString("name"u8, e.Name ?? "");
            writer.WriteStartObject("input"u8);
            writer.WriteEndObject();
        });
        if (_isCustom)
        {
            WriteJson(_freeText.Begin());
        }
    }

    private void WriteDelta(ChatEvent e)
    {
        var text = e.PartKind == PartKind.Audio ? e.Transcript : e.Text;
        _proof = ProofOf(e) ?? _proof;
        switch (e.PartKind)
        {
            case PartKind.ToolCall:
                if (text is { Length: > 0 })
                {
                    WriteJson(_isCustom ? _freeText.Add(text) : text);
                }

                break;
            case PartKind.Reasoning:
                WriteThinking(text);
                if (e.Signature is not null)
                {
                    WriteSignature(e.Signature);
                }

                break;
            case PartKind.Text or PartKind.Refusal or PartKind.Audio:
                WriteText(text);
                if (e.Citation is not null && AnthropicBlocks.CanWrite(e.Citation))
                {
                    EnsureText();
                    WriteCitation(e.Citation);
                }

                break;
        }
    }

    private void WriteText(string? text)
    {
        if (text is { Length: > 0 })
        {
            EnsureText();
            Delta("text_delta", writer => writer.WriteString("text"u8, text));
        }
    }

    private void WriteThinking(string? text)
    {
        if (text is { Length: > 0 })
        {
            EnsureThinking();
            Delta("thinking_delta", writer => writer.WriteString("thinking"u8, text));
        }
    }

    private void WriteSignature(Signature signature)
    {
        EnsureThinking();
        Delta("signature_delta", writer => writer.WriteString("signature"u8, signature.For(DialectId.Anthropic)));
    }

    private void WriteCitation(Citation citation) => Delta("citations_delta", writer =>
    {
        writer.WritePropertyName("citation"u8);
        AnthropicBlocks.WriteCitation(writer, citation);
    });

    private void WriteJson(string json) => Delta("input_json_delta", writer => writer.WriteString("partial_json"u8, json));

    private void WriteOpaque(JsonElement raw)
    {
        var hasInput = raw.TryObject("input", out var input);
        Open(writer =>
        {
            foreach (var member in raw.EnumerateObject())
            {
                if (hasInput && member.NameEquals("input"u8))
                {
                    writer.WriteStartObject("input"u8);
                    writer.WriteEndObject();
                }
                else
                {
                    member.WriteTo(writer);
                }
            }
        });
        if (hasInput)
        {
            WriteJson(input.GetRawText());
        }
    }

    private void End(ChatEvent e)
    {
        if (e is { PartKind: PartKind.ToolCall } && _isCustom)
        {
            WriteJson(_freeText.End());
            _isCustom = false;
        }

        if (e is { PartKind: PartKind.Reasoning, Signature: not null })
        {
            WriteSignature(e.Signature);
        }

        Close();
        if ((ProofOf(e) ?? _proof) is { } proof)
        {
            Open(writer =>
            {
                writer.WriteString("type"u8, "redacted_thinking"u8);
                writer.WriteString("data"u8, proof.For(DialectId.Anthropic));
            });
            Close();
            _proof = null;
        }
    }

    /// <summary>What has to follow the part in a block of its own: encrypted reasoning, and signatures of parts that have no place for one here.</summary>
    private static Signature? ProofOf(in ChatEvent e) => e.Encrypted ?? (e.PartKind == PartKind.Reasoning ? null : e.Signature);

    private void EnsureText()
    {
        if (!_open)
        {
            Open(static writer =>
            {
                writer.WriteString("type"u8, "text"u8);
                writer.WriteString("text"u8, ""u8);
            });
        }
    }

    private void EnsureThinking()
    {
        if (!_open)
        {
            Open(static writer =>
            {
                writer.WriteString("type"u8, "thinking"u8);
                writer.WriteString("thinking"u8, ""u8);
                writer.WriteString("signature"u8, ""u8);
            });
        }
    }

    private void Open(Action<Utf8JsonWriter> block)
    {
        _open = true;
        emit("content_block_start", writer =>
        {
            writer.WriteNumber("index"u8, _next);
            writer.WriteStartObject("content_block"u8);
            block(writer);
            writer.WriteEndObject();
        });
    }

    private void Delta(string type, Action<Utf8JsonWriter> members) => emit("content_block_delta", writer =>
    {
        writer.WriteNumber("index"u8, _next);
        writer.WriteStartObject("delta"u8);
        writer.WriteString("type"u8, type);
        members(writer);
        writer.WriteEndObject();
    });

    private void Close()
    {
        if (_open)
        {
            _open = false;
            emit("content_block_stop", writer => writer.WriteNumber("index"u8, _next));
            _next++;
        }
    }
}
