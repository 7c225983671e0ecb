using System.Buffers;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.OpenAI.Completions;

/// <summary>Writes the chunks of a streamed completion in the older form.</summary>
/// <param name="context">The answer's names.</param>
internal sealed class CompletionsStreamWriter(AnswerContext context) : IChatStreamWriter
{
    private readonly HashSet<int> _begun = [];
    private string _id = CompletionsAnswers.Id(null, context);
    private long _created = context.Created.ToUnixTimeSeconds();
    private TokenCounts? _usage;

    public string ContentType => "text/event-stream";

    public void Write(in ChatEvent e, IBufferWriter<byte> output)
    {
        switch (e.Kind)
        {
            case ChatEventKind.Start:
                _id = CompletionsAnswers.Id(e.Id, context);
                _created = e.Created ?? _created;
                break;
            case ChatEventKind.Delta when e is { PartKind: PartKind.Text or PartKind.Refusal, Text.Length: > 0 }:
                Chunk(e.Choice, (_begun.Add(e.Choice) ? CompletionsAnswers.Echo(context) : "") + e.Text, null, output);
                break;
            case ChatEventKind.Finish:
                Chunk(e.Choice, _begun.Add(e.Choice) ? CompletionsAnswers.Echo(context) : "", CompletionsAnswers.Finish(e.Finish), output);
                break;
            case ChatEventKind.Usage:
                _usage = e.Usage;
                break;
            case ChatEventKind.Error when e.Error is not null:
                WriteError(e.Error, output);
                break;
            case ChatEventKind.End:
                if (context.IncludeUsage && _usage is not null)
                {
                    Chunk(null, "", null, output);
                }

                output.Write("data: [DONE]\n\n"u8);
                break;
        }
    }

    public void WriteError(ChatError error, IBufferWriter<byte> output)
    {
        output.Write("data: "u8);
        OpenAIErrors.Write(error, output);
        output.Write("\n\n"u8);
    }

    /// <summary>One chunk; without a choice it is the one that tells the usage.</summary>
    private void Chunk(int? choice, string text, string? finish, IBufferWriter<byte> output)
    {
        output.Write("data: "u8);
        using (var writer = JsonOutput.Create(output))
        {
            CompletionsAnswers.WriteHead(writer, _id, _created, context.Model);
            if (choice is { } index)
            {
                CompletionsAnswers.WriteChoice(writer, index, text, finish);
            }

            writer.WriteEndArray();
            if (choice is null)
            {
                writer.WritePropertyName("usage"u8);
                OpenAIUsage.Write(writer, _usage!.Value);
            }
            else if (context.IncludeUsage)
            {
                writer.WriteNull("usage"u8);
            }

            writer.WriteEndObject();
        }

        output.Write("\n\n"u8);
    }
}
