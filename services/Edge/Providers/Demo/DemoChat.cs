using System.Text.Json;

namespace Gateway.Edge.Providers.Demo;

/// <summary>Answers a chat completion.</summary>
internal static class DemoChat
{
    private const int TokensPerMessage = 4;
    private const int MostChoices = 16;

    public static DemoAnswer Answer(JsonElement body)
    {
        var conversation = Read(body);
        var maxTokens = DemoJson.Count(body, "max_completion_tokens", 1, int.MaxValue) ?? DemoJson.Count(body, "max_tokens", 1, int.MaxValue);
        var tool = DemoTools.Chosen(body);
        var choice = tool is { } called
            ? DemoChoice.Of(called.Arguments(), called.Name, maxTokens)
            : DemoChoice.Of(DemoText.UntilStop(body, Text(body, conversation)), tool: null, maxTokens);
        var choices = DemoJson.Count(body, "n", 1, MostChoices) ?? 1;
        return new DemoAnswer([.. Enumerable.Repeat(choice, choices)], conversation.Tokens + DemoTools.Tokens(body));
    }

    private static Conversation Read(JsonElement body)
    {
        if (DemoJson.Member(body, "messages") is not { ValueKind: JsonValueKind.Array } messages || messages.GetArrayLength() == 0)
        {
            throw new DemoFaultException(new DemoFault("'messages' must be an array with at least one message.", "messages", "missing_required_parameter"));
        }

        var (count, attachments, tokens, last) = (0, 0, 0L, "");
        foreach (var message in messages.EnumerateArray())
        {
            var place = $"messages[{count++}]";
            if (message.ValueKind != JsonValueKind.Object || DemoJson.Member(message, "role") is not { ValueKind: JsonValueKind.String } role)
            {
                throw DemoFaultException.Invalid(place, "an object with a 'role' and a 'content'");
            }

            var (text, others) = Content(message, place);
            attachments += others;
            tokens += TokensPerMessage + DemoText.Tokens(text);
            if (role.ValueEquals("user"u8))
            {
                last = text;
            }
        }

        return new Conversation(count, attachments, tokens, last);
    }

    private static (string Text, int Attachments) Content(JsonElement message, string place)
    {
        switch (DemoJson.Member(message, "content"))
        {
            case null:
                return ("", 0);
            case { ValueKind: JsonValueKind.String } text:
                return (text.GetString()!, 0);
            case { ValueKind: JsonValueKind.Array } parts:
                var texts = new List<string>();
                var others = 0;
                foreach (var part in parts.EnumerateArray())
                {
                    if (part.ValueKind != JsonValueKind.Object)
                    {
                        throw DemoFaultException.Invalid($"{place}.content", "a string or an array of content parts");
                    }

                    if (DemoJson.Text(part, "text") is { } text)
                    {
                        texts.Add(text);
                    }
                    else
                    {
                        others++;
                    }
                }

                return (string.Join(' ', texts), others);
            default:
                throw DemoFaultException.Invalid($"{place}.content", "a string or an array of content parts");
        }
    }

    private static string Text(JsonElement body, Conversation conversation)
    {
        if (DemoJson.Object(body, "response_format") is { } format)
        {
            switch (DemoJson.Text(format, "type"))
            {
                case "json_schema":
                    var schema = DemoJson.Object(format, "json_schema") is { } wrapper ? DemoJson.Object(wrapper, "schema") : null;
                    return SchemaExample.Write(schema ?? default);
                case "json_object":
                    return DemoAnswerWriter.JsonNote(conversation.Messages, conversation.LastUserText);
                default:
                    break;
            }
        }

        var received = $"You sent {DemoText.Some(conversation.Messages, "message")}{(conversation.Attachments > 0 ? $" with {DemoText.Some(conversation.Attachments, "attachment")}" : "")}";
        var echo = conversation.LastUserText.Length == 0 ? "; none of them holds text of a user." : $"; the user's last text is: {DemoText.Quote(conversation.LastUserText)}.";
        var tools = DemoTools.Names(body) is { Count: > 0 } names ? $" It may call {string.Join(", ", names.Take(8))}, but does so only with tool_choice 'required' or a named tool." : "";
        return $"{DemoText.Introduction} {received}{echo}{tools} {DemoText.HowToAddProvider}";
    }

    private readonly record struct Conversation(int Messages, int Attachments, long Tokens, string LastUserText);
}
