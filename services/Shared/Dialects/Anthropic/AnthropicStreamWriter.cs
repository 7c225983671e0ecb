using System.Buffers;
using System.Text;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Anthropic;

/// <summary>Writes a stream of events: one message, its blocks strictly one after the other.</summary>
internal sealed class AnthropicStreamWriter(AnswerContext context) : IChatStreamWriter
{
    private readonly PartSequencer _sequencer = new();
    private readonly ArrayBufferWriter<byte> _scratch = new();
    private AnthropicBlockStream? _blocks;
    private IBufferWriter<byte> _output = null!;
    private Utf8JsonWriter? _writer;
    private ChatEvent? _start;
    private ChatEvent? _finish;
    private TokenCounts? _usage;
    private bool _begun;
    private bool _over;

    public string ContentType => "text/event-stream; charset=utf-8";

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
                // Held back for one event: some providers tell the prompt's tokens right away.
                _start = e;
                break;
            case ChatEventKind.Usage:
                _usage = e.Usage;
                break;
            case ChatEventKind.Finish:
                _finish = e;
                break;
            case ChatEventKind.Error:
                WriteError(e.Error!, output);
                return;
            case ChatEventKind.End:
                Begin();
                End();
                return;
        }

        if (e.Kind != ChatEventKind.Start)
        {
            Begin();
        }

        if (e.Kind is ChatEventKind.PartStart or ChatEventKind.Delta or ChatEventKind.PartEnd)
        {
            _sequencer.Add(e, _blocks!.Write);
        }
    }

    public void WriteError(ChatError error, IBufferWriter<byte> output)
    {
        if (_over)
        {
            return;
        }

        _over = true;
        output.Write("event: error\ndata: "u8);
        AnthropicErrors.Write(error, output);
        output.Write("\n\n"u8);
    }

    /// <summary>Writes one event.</summary>
    /// <param name="name">Its name, which is also its type.</param>
    /// <param name="members">Writes the members after the type.</param>
    private void Emit(string name, Action<Utf8JsonWriter> members)
    {
        _scratch.ResetWrittenCount();
        if (_writer is null)
        {
            _writer = JsonOutput.Create(_scratch);
        }
        else
        {
            _writer.Reset();
        }

        _writer.WriteStartObject();
        _writer.WriteString("type"u8, name);
        members(_writer);
        _writer.WriteEndObject();
        _writer.Flush();
        _output.Write("event: "u8);
        Encoding.UTF8.GetBytes(name, _output);
        _output.Write("\ndata: "u8);
        _output.Write(_scratch.WrittenSpan);
        _output.Write("\n\n"u8);
    }

    private void Begin()
    {
        if (_begun)
        {
            return;
        }

        _begun = true;
        _blocks = new AnthropicBlockStream(Emit);
        var known = _usage ?? new TokenCounts { Input = context.PromptTokenEstimate };
        known.Output = Math.Min(known.Output, 1);
        known.Reasoning = 0;
        known.AudioOutput = 0;
        known.ImageOutput = 0;
        Emit("message_start", writer =>
        {
            writer.WriteStartObject("message"u8);
            writer.WriteString("id"u8, AnthropicBlocks.Id(_start?.Id, context));
            writer.WriteString("type"u8, "message"u8);
            writer.WriteString("role"u8, "assistant"u8);
            writer.WriteString("model"u8, context.Model);
            writer.WriteStartArray("content"u8);
            writer.WriteEndArray();
            writer.WriteNull("stop_reason"u8);
            writer.WriteNull("stop_sequence"u8);
            writer.WriteStartObject("usage"u8);
            AnthropicUsage.WriteMembers(writer, known);
            writer.WriteEndObject();
            writer.WriteEndObject();
        });
    }

    private void End()
    {
        var finish = _finish ?? new ChatEvent { Kind = ChatEventKind.Finish, Finish = FinishReason.Stop };
        var reason = AnthropicFinish.Write(finish.Finish, finish.FinishDetail, _blocks!.CalledTool);
        Emit("message_delta", writer =>
        {
            writer.WriteStartObject("delta"u8);
            writer.WriteString("stop_reason"u8, reason);
            if (reason == "stop_sequence" && finish.StopSequence is not null)
            {
                writer.WriteString("stop_sequence"u8, finish.StopSequence);
            }
            else
            {
                writer.WriteNull("stop_sequence"u8);
            }

            writer.WriteEndObject();
            writer.WriteStartObject("usage"u8);
            if (_usage is { } usage)
            {
                AnthropicUsage.WriteMembers(writer, usage);
            }
            else
            {
                writer.WriteNumber("output_tokens"u8, 0);
            }

            writer.WriteEndObject();
        });
        Emit("message_stop", static _ => { });
        _over = true;
    }
}
