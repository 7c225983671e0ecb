using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Gateway.Edge.Providers.Demo;

/// <summary>Writes an answer in OpenAI's dialect, whole or as the events of a stream.</summary>
internal sealed class DemoAnswerWriter(DemoOperation operation, string id, long created)
{
    private static readonly JsonWriterOptions Options = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private bool IsChat => operation == DemoOperation.Chat;

    /// <summary>OpenAI's error object.</summary>
    public static byte[] Error(DemoFault fault) => Write(json =>
    {
        json.WriteStartObject("error"u8);
        json.WriteString("message"u8, fault.Message);
        json.WriteString("type"u8, "invalid_request_error"u8);
        json.WriteString("param"u8, fault.Param);
        json.WriteString("code"u8, fault.Code);
        json.WriteEndObject();
    });

    /// <summary>The answer to a request for any JSON object.</summary>
    public static string JsonNote(int messages, string lastUserText) => Encoding.UTF8.GetString(Write(json =>
    {
        json.WriteString("model"u8, "demo"u8);
        json.WriteString("note"u8, $"{DemoText.Introduction} {DemoText.HowToAddProvider}");
        json.WriteNumber("messages"u8, messages);
        json.WriteString("last_user_text"u8, DemoText.Quote(lastUserText).Trim('"'));
    }));

    /// <summary>The whole answer.</summary>
    public byte[] Whole(DemoAnswer answer) => Write(json =>
    {
        Head(json, IsChat ? "chat.completion" : "text_completion");
        json.WriteStartArray("choices"u8);
        for (var i = 0; i < answer.Choices.Count; i++)
        {
            var choice = answer.Choices[i];
            json.WriteStartObject();
            json.WriteNumber("index"u8, i);
            if (!IsChat)
            {
                json.WriteString("text"u8, string.Concat(choice.Pieces));
            }
            else
            {
                json.WriteStartObject("message"u8);
                json.WriteString("role"u8, "assistant"u8);
                json.WriteString("content"u8, choice.Tool is null ? string.Concat(choice.Pieces) : null);
                json.WriteNull("refusal"u8);
                if (choice.Tool is not null)
                {
                    ToolCall(json, i, choice.Tool, string.Concat(choice.Pieces), streamed: false);
                }

                json.WriteEndObject();
            }

            json.WriteNull("logprobs"u8);
            json.WriteString("finish_reason"u8, choice.FinishReason);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        Usage(json, answer);
    });

    /// <summary>The events of a stream, its terminator included.</summary>
    public IEnumerable<byte[]> Stream(DemoAnswer answer, bool includeUsage)
    {
        for (var i = 0; i < answer.Choices.Count; i++)
        {
            var (index, choice) = (i, answer.Choices[i]);
            if (IsChat)
            {
                yield return Event(index, finish: null, includeUsage, json => Opening(json, index, choice));
            }

            foreach (var piece in choice.Pieces)
            {
                yield return Event(index, finish: null, includeUsage, json => Delta(json, choice, piece));
            }

            yield return Event(index, choice.FinishReason, includeUsage, json => Closing(json));
        }

        if (includeUsage)
        {
            yield return Frame(Write(json =>
            {
                Head(json, IsChat ? "chat.completion.chunk" : "text_completion");
                json.WriteStartArray("choices"u8);
                json.WriteEndArray();
                Usage(json, answer);
            }));
        }

        yield return "data: [DONE]\n\n"u8.ToArray();
    }

    private byte[] Event(int index, string? finish, bool includeUsage, Action<Utf8JsonWriter> delta) => Frame(Write(json =>
    {
        Head(json, IsChat ? "chat.completion.chunk" : "text_completion");
        json.WriteStartArray("choices"u8);
        json.WriteStartObject();
        json.WriteNumber("index"u8, index);
        delta(json);
        json.WriteNull("logprobs"u8);
        json.WriteString("finish_reason"u8, finish);
        json.WriteEndObject();
        json.WriteEndArray();
        if (includeUsage)
        {
            json.WriteNull("usage"u8);
        }
    }));

    private static void Opening(Utf8JsonWriter json, int index, DemoChoice choice)
    {
        json.WriteStartObject("delta"u8);
        json.WriteString("role"u8, "assistant"u8);
        json.WriteString("content"u8, choice.Tool is null ? "" : null);
        if (choice.Tool is not null)
        {
            ToolCall(json, index, choice.Tool, "", streamed: true);
        }

        json.WriteEndObject();
    }

    private void Delta(Utf8JsonWriter json, DemoChoice choice, string piece)
    {
        if (!IsChat)
        {
            json.WriteString("text"u8, piece);
            return;
        }

        json.WriteStartObject("delta"u8);
        if (choice.Tool is null)
        {
            json.WriteString("content"u8, piece);
        }
        else
        {
            json.WriteStartArray("tool_calls"u8);
            json.WriteStartObject();
            json.WriteNumber("index"u8, 0);
            json.WriteStartObject("function"u8);
            json.WriteString("arguments"u8, piece);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private void Closing(Utf8JsonWriter json)
    {
        if (IsChat)
        {
            json.WriteStartObject("delta"u8);
            json.WriteEndObject();
        }
        else
        {
            json.WriteString("text"u8, "");
        }
    }

    private static void ToolCall(Utf8JsonWriter json, int choice, string name, string arguments, bool streamed)
    {
        json.WriteStartArray("tool_calls"u8);
        json.WriteStartObject();
        if (streamed)
        {
            json.WriteNumber("index"u8, 0);
        }

        json.WriteString("id"u8, $"call_demo_{choice}");
        json.WriteString("type"u8, "function"u8);
        json.WriteStartObject("function"u8);
        json.WriteString("name"u8, name);
        json.WriteString("arguments"u8, arguments);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private void Head(Utf8JsonWriter json, string kind)
    {
        json.WriteString("id"u8, id);
        json.WriteString("object"u8, kind);
        json.WriteNumber("created"u8, created);
        json.WriteString("model"u8, "demo"u8);
        json.WriteString("system_fingerprint"u8, "demo"u8);
    }

    private static void Usage(Utf8JsonWriter json, DemoAnswer answer)
    {
        json.WriteStartObject("usage"u8);
        json.WriteNumber("prompt_tokens"u8, answer.PromptTokens);
        json.WriteNumber("completion_tokens"u8, answer.CompletionTokens);
        json.WriteNumber("total_tokens"u8, answer.PromptTokens + answer.CompletionTokens);
        json.WriteEndObject();
    }

    private static byte[] Write(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(buffer, Options);
        json.WriteStartObject();
        members(json);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static byte[] Frame(byte[] json) => [.. "data: "u8, .. json, .. "\n\n"u8];
}
