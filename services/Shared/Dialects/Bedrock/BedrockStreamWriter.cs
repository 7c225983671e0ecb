using System.Buffers;
using System.Text.Json;
using Gateway.Dialects.Anthropic;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Framing;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Bedrock;

/// <summary>Writes a stream of ConverseStream, in its binary framing: blocks strictly one after the other, usage last.</summary>
internal sealed class BedrockStreamWriter : IChatStreamWriter
{
    private readonly PartSequencer _sequencer = new();
    private readonly ArrayBufferWriter<byte> _payload = new();
    private readonly FreeTextArguments _freeText = new();
    private IBufferWriter<byte> _output = null!;
    private ChatEvent? _finish;
    private TokenCounts? _usage;
    private Signature? _proof;
    private int _next;
    private bool _open;
    private bool _isCustom;
    private bool _hasInput;
    private bool _calledTool;
    private bool _begun;
    private bool _over;

    public string ContentType => "application/vnd.amazon.eventstream";

    public void Write(in ChatEvent e, IBufferWriter<byte> output)
    {
        if (_over || e.Choice != 0)
        {
            return;
        }

        _output = output;
        switch (e.Kind)
        {
            case ChatEventKind.Start:
                Begin();
                break;
            case ChatEventKind.PartStart or ChatEventKind.Delta or ChatEventKind.PartEnd:
                Begin();
                _sequencer.Add(e, WritePart);
                break;
            case ChatEventKind.Usage:
                _usage = e.Usage;
                break;
            case ChatEventKind.Finish:
                _finish = e;
                break;
            case ChatEventKind.Error:
                WriteError(e.Error!, output);
                break;
            case ChatEventKind.End:
                Begin();
                End();
                break;
        }
    }

    public void WriteError(ChatError error, IBufferWriter<byte> output)
    {
        if (!_over)
        {
            _over = true;
            BedrockErrors.WriteException(error, output);
        }
    }

    private void Emit(ReadOnlySpan<byte> name, Action<Utf8JsonWriter> members)
    {
        _payload.ResetWrittenCount();
        using (var writer = JsonOutput.Create(_payload))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }

        EventStreamMessage.WriteEvent(_output, name, _payload.WrittenSpan);
    }

    private void Begin()
    {
        if (!_begun)
        {
            _begun = true;
            Emit("messageStart"u8, static writer => writer.WriteString("role"u8, "assistant"u8));
        }
    }

    private void End()
    {
        var finish = _finish ?? new ChatEvent { Kind = ChatEventKind.Finish, Finish = FinishReason.Stop };
        Emit("messageStop"u8, writer =>
        {
            writer.WriteString("stopReason"u8, BedrockFinish.Write(finish.Finish, finish.FinishDetail, _calledTool));
            if (finish.StopSequence is not null)
            {
                writer.WriteStartObject("additionalModelResponseFields"u8);
                writer.WriteString("stop_sequence"u8, finish.StopSequence);
                writer.WriteEndObject();
            }
        });
        Emit("metadata"u8, writer =>
        {
            writer.WriteStartObject("usage"u8);
            BedrockUsage.WriteMembers(writer, _usage ?? default);
            writer.WriteEndObject();
            writer.WriteStartObject("metrics"u8);
            writer.WriteNumber("latencyMs"u8, 0);
            writer.WriteEndObject();
        });
        _over = true;
    }

    private void WritePart(ChatEvent e)
    {
        switch (e.Kind)
        {
            case ChatEventKind.PartStart when e.PartKind == PartKind.ToolCall:
                OpenCall(e);
                break;
            case ChatEventKind.PartStart when e is { PartKind: PartKind.Opaque, Origin: DialectId.BedrockConverse, Raw: { } raw }:
                _open = true;
                Emit("contentBlockStart"u8, writer =>
                {
                    writer.WriteElement("start", raw);
                    writer.WriteNumber("contentBlockIndex"u8, _next);
                });
                break;
            case ChatEventKind.Delta:
                WriteDelta(e);
                break;
            case ChatEventKind.PartEnd:
                EndPart(e);
                break;
        }
    }

    private void OpenCall(ChatEvent e)
    {
        _calledTool = true;
        _open = true;
        _isCustom = e.Flag;
        _hasInput = false;
        Emit("contentBlockStart"u8, writer =>
        {
            writer.WriteStartObject("start"u8);
            writer.WriteStartObject("toolUse"u8);
            writer.WriteString("toolUseId"u8, ToolIds.Fit(e.Id ?? "", BedrockBlocks.MaxIdLength));
            writer.WriteString("name"u8, e.Name ?? "");
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteNumber("contentBlockIndex"u8, _next);
        });
        if (_isCustom)
        {
            WriteInput(_freeText.Begin());
        }
    }

    private void WriteDelta(ChatEvent e)
    {
        var text = e.PartKind == PartKind.Audio ? e.Transcript : e.Text;
        _proof = ProofOf(e) ?? _proof;
        switch (e.PartKind)
        {
            case PartKind.ToolCall when text is { Length: > 0 }:
                WriteInput(_isCustom ? _freeText.Add(text) : text);
                break;
            case PartKind.Reasoning:
                WriteReasoning(text, e.Signature);
                break;
            case PartKind.Text or PartKind.Refusal or PartKind.Audio:
                if (text is { Length: > 0 })
                {
                    Delta(writer => writer.WriteString("text"u8, text));
                }

                if (e.Citation is { } citation)
                {
                    Delta(writer =>
                    {
                        writer.WritePropertyName("citation"u8);
                        BedrockCitations.Write(writer, citation);
                    });
                }

                break;
        }
    }

    private void WriteReasoning(string? text, Signature? signature)
    {
        if (text is { Length: > 0 })
        {
            Delta(writer =>
            {
                writer.WriteStartObject("reasoningContent"u8);
                writer.WriteString("text"u8, text);
                writer.WriteEndObject();
            });
        }

        if (signature is not null)
        {
            Delta(writer =>
            {
                writer.WriteStartObject("reasoningContent"u8);
                writer.WriteString("signature"u8, signature.For(DialectId.BedrockConverse));
                writer.WriteEndObject();
            });
        }
    }

    private void EndPart(ChatEvent e)
    {
        if (_isCustom)
        {
            WriteInput(_freeText.End());
            _isCustom = false;
        }
        else if (e.PartKind == PartKind.ToolCall && !_hasInput)
        {
            // Clients parse what came of the input, and nothing is no JSON.
            WriteInput("{}");
        }

        WriteReasoning(null, e.PartKind == PartKind.Reasoning ? e.Signature : null);
        Close();
        if ((ProofOf(e) ?? _proof) is { } proof)
        {
            Delta(writer =>
            {
                writer.WriteStartObject("reasoningContent"u8);
                writer.WriteString("redactedContent"u8, BedrockSignatures.WriteBlob(proof));
                writer.WriteEndObject();
            });
            Close();
            _proof = null;
        }
    }

    /// <summary>What has to follow the part in a block of its own: encrypted reasoning, and signatures of parts that have no place for one here.</summary>
    private static Signature? ProofOf(in ChatEvent e) => e.Encrypted ?? (e.PartKind == PartKind.Reasoning ? null : e.Signature);

    private void WriteInput(string json)
    {
        _hasInput = true;
        Delta(writer =>
        {
            writer.WriteStartObject("toolUse"u8);
            writer.WriteString("input"u8, json);
            writer.WriteEndObject();
        });
    }

    private void Delta(Action<Utf8JsonWriter> delta)
    {
        _open = true;
        Emit("contentBlockDelta"u8, writer =>
        {
            writer.WriteStartObject("delta"u8);
            delta(writer);
            writer.WriteEndObject();
            writer.WriteNumber("contentBlockIndex"u8, _next);
        });
    }

    private void Close()
    {
        if (_open)
        {
            _open = false;
            Emit("contentBlockStop"u8, writer => writer.WriteNumber("contentBlockIndex"u8, _next));
            _next++;
        }
    }
}
