using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Tests.OpenAI;

/// <summary>What a chat completion says to someone who reads the JSON naively: written without the product's readers, to check them.</summary>
internal sealed class SeenAnswer
{
    private readonly SortedDictionary<int, SeenChoice> _choices = [];
    private JsonNode? _usage;

    /// <summary>Reads a whole answer.</summary>
    public static string OfAnswer(JsonNode answer)
    {
        var seen = new SeenAnswer();
        seen.Add(answer, "message");
        return seen.ToString();
    }

    /// <summary>Reads the payloads of a stream.</summary>
    public static string OfStream(IEnumerable<string> payloads)
    {
        var seen = new SeenAnswer();
        foreach (var payload in payloads.Where(static p => p.StartsWith('{')))
        {
            seen.Add(JsonNode.Parse(payload)!, "delta");
        }

        return seen.ToString();
    }

    /// <summary>Describes what the product has read in the same words.</summary>
    public static string OfNeutral(ChatAnswer answer)
    {
        var text = new StringBuilder();
        foreach (var choice in answer.Choices)
        {
            var finish = choice.Finish switch
            {
                FinishReason.Length => "length", FinishReason.ToolCalls => "tool_calls", FinishReason.ContentFilter => "content_filter", _ => "stop",
            };
            Describe(text, choice.Index, finish,
                string.Concat(choice.Parts.OfType<TextPart>().Select(static t => t.Text)),
                string.Concat(choice.Parts.OfType<ReasoningPart>().Select(static t => t.Text)),
                string.Concat(choice.Parts.OfType<RefusalPart>().Select(static t => t.Text)),
                string.Concat(choice.Parts.OfType<MediaPart>().Select(static m => m.Transcript)),
                choice.Parts.OfType<ToolCallPart>().Select(static c => (c.Name, c.Arguments)));
        }

        var usage = answer.Usage;
        text.Append(CultureInfo.InvariantCulture, $"{(usage is { } u ? $"{u.Input + u.CacheRead + u.CacheWrite + u.AudioInput} {u.Output + u.Reasoning + u.AudioOutput} {u.Reasoning}" : "no usage")}");
        return text.ToString();
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var (index, choice) in _choices)
        {
            var finish = choice.Finish switch { "function_call" => "tool_calls", null => "stop", var word => word };
            Describe(text, index, finish == "stop" && choice.Calls.Count > 0 ? "tool_calls" : finish,
                choice.Text.ToString(), choice.Reasoning.ToString(), choice.Refusal.ToString(), choice.Transcript.ToString(), choice.Calls.Values.Select(static c => (c.Name, c.Arguments.ToString())));
        }

        return text.Append(Usage()).ToString();
    }

    private string Usage()
    {
        if (_usage is null)
        {
            return "no usage";
        }

        long Count(string name) => _usage[name]?.GetValue<long>() ?? 0;
        long prompt = Count("prompt_tokens"), completion = Count("completion_tokens"), total = Count("total_tokens");
        var reasoning = _usage["completion_tokens_details"]?["reasoning_tokens"]?.GetValue<long>() ?? Count("reasoning_tokens");
        var beside = reasoning > completion || total == prompt + completion + reasoning;
        return string.Create(CultureInfo.InvariantCulture, $"{prompt} {(beside ? completion + reasoning : completion)} {reasoning}");
    }

    private void Add(JsonNode json, string member)
    {
        _usage = json["usage"] as JsonObject ?? json["x_groq"]?["usage"] ?? _usage;
        foreach (var choice in json["choices"]?.AsArray() ?? [])
        {
            var index = choice!["index"]?.GetValue<int>() ?? 0;
            var seen = _choices.TryGetValue(index, out var known) ? known : _choices[index] = new SeenChoice();
            seen.Finish = (choice["finish_reason"] as JsonValue)?.GetValue<string>() ?? seen.Finish;
            seen.Text.Append((choice["text"] as JsonValue)?.GetValue<string>());
            if (choice[member] is JsonObject message)
            {
                Message(message, seen);
            }
        }
    }

    private static void Message(JsonObject message, SeenChoice seen)
    {
        if (message["content"] is JsonArray parts)
        {
            foreach (var part in parts)
            {
                seen.Text.Append((part!["text"] as JsonValue)?.GetValue<string>());
                foreach (var thought in part["thinking"] as JsonArray ?? [])
                {
                    seen.Reasoning.Append(thought!["text"]!.GetValue<string>());
                }
            }
        }
        else
        {
            seen.Text.Append((message["content"] as JsonValue)?.GetValue<string>());
        }

        var details = string.Concat((message["reasoning_details"] as JsonArray ?? []).Select(static d => (d!["text"] ?? d["summary"])?.GetValue<string>()));
        var plain = ((message["reasoning_content"] ?? message["reasoning"]) as JsonValue)?.GetValue<string>();
        seen.Reasoning.Append(string.IsNullOrEmpty(plain) ? seen.PlainReasoning ? "" : details : plain);
        seen.PlainReasoning |= !string.IsNullOrEmpty(plain);
        seen.Refusal.Append((message["refusal"] as JsonValue)?.GetValue<string>());
        seen.Transcript.Append((message["audio"]?["transcript"] as JsonValue)?.GetValue<string>());
        foreach (var call in message["tool_calls"] as JsonArray ?? [])
        {
            seen.Call(call!["index"]?.GetValue<int>() ?? seen.Calls.Count, (call["function"] ?? call["custom"])!);
        }

        if (message["function_call"] is JsonObject function)
        {
            seen.Call(0, function);
        }
    }

    private static void Describe(StringBuilder to, int index, string finish, string text, string reasoning, string refusal, string transcript, IEnumerable<(string Name, string Arguments)> calls)
    {
        to.Append(CultureInfo.InvariantCulture, $"choice {index} {finish}\ntext: {text}\nreasoning: {reasoning}\nrefusal: {refusal}\ntranscript: {transcript}\n");
        foreach (var (name, arguments) in calls)
        {
            to.Append(CultureInfo.InvariantCulture, $"call {name} {JsonNode.Parse(arguments.Length == 0 ? "{}" : arguments)!.ToJsonString()}\n");
        }
    }

    private sealed class SeenChoice
    {
        public string? Finish { get; set; }

        public StringBuilder Text { get; } = new();

        public StringBuilder Reasoning { get; } = new();

        public bool PlainReasoning { get; set; }

        public StringBuilder Refusal { get; } = new();

        public StringBuilder Transcript { get; } = new();

        public SortedDictionary<int, SeenCall> Calls { get; } = [];

        public void Call(int index, JsonNode function)
        {
            var call = Calls.TryGetValue(index, out var known) ? known : Calls[index] = new SeenCall();
            call.Name += (function["name"] as JsonValue)?.GetValue<string>();
            call.Arguments.Append((function["arguments"] ?? function["input"])?.GetValue<string>());
        }
    }

    private sealed class SeenCall
    {
        public string Name { get; set; } = "";

        public StringBuilder Arguments { get; } = new();
    }
}
