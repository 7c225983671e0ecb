using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.LlmSimulator.Answers;
using Gateway.LlmSimulator.Behaviour;

namespace Gateway.LlmSimulator.Native.Side;

/// <summary>OpenAI's moderations, images and audio.</summary>
internal static class Media
{
    private static readonly string[] _categories = ["harassment", "harassment/threatening", "hate", "hate/threatening", "illicit", "illicit/violent", "self-harm", "self-harm/instructions", "self-harm/intent", "sexual", "sexual/minors", "violence", "violence/graphic"];

    // One white pixel.
    private const string Png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

    public static SideAnswer Moderate(JsonElement json, string model, string requestId)
    {
        if (json.Get("input") is not { } input)
        {
            return SideAnswer.Refuse("Missing required parameter: 'input'.", "input");
        }

        var isParts = input.ValueKind == JsonValueKind.Array && input.EnumerateArray().Any(i => i.ValueKind == JsonValueKind.Object);
        var texts = input.ValueKind == JsonValueKind.String ? [input.GetString()!] : isParts ? [string.Join(' ', input.EnumerateArray().Select(i => i.GetText("text")))] : input.EnumerateArray().Select(i => i.GetString()!).ToList();
        return SideAnswer.Json(
            new JsonObject
            {
                ["id"] = "modr-" + requestId,
                ["model"] = model,
                ["results"] = NativeJson.Array(texts.Select(t =>
                {
                    var bad = t.Contains("violence", StringComparison.OrdinalIgnoreCase);
                    return new JsonObject
                    {
                        ["flagged"] = bad,
                        ["categories"] = Each(c => bad && c == "violence"),
                        ["category_scores"] = Each(c => bad && c == "violence" ? 0.97 : 0.0001),
                        ["category_applied_input_types"] = Each(_ => new JsonArray("text")),
                    };
                })),
            },
            0);
    }

    public static SideAnswer Images(JsonElement json, SimulatorBehaviour behaviour)
        => json.GetText("prompt") is null ? SideAnswer.Refuse("Missing required parameter: 'prompt'.", "prompt")
            : Pictures(json.GetInt("n") ?? 1, json.GetText("response_format") == "url", PromptText.Bytes(json, "prompt"), behaviour);

    public static SideAnswer ImageEdits(Form? form, SimulatorBehaviour behaviour)
        => form?.File("image") is null ? SideAnswer.Refuse("Missing required parameter: 'image'.", "image")
            : Pictures(int.TryParse(form.Text("n"), out var n) ? n : 1, form.Text("response_format") == "url", form.Text("prompt")?.Length ?? 0, behaviour);

    public static SideAnswer Speech(JsonElement json, SimulatorBehaviour behaviour)
    {
        if (json.GetText("input") is not { } input || json.GetText("voice") is null && json.Get("voice") is null)
        {
            return SideAnswer.Refuse("Missing required parameter: 'input' or 'voice'.", "input");
        }

        var format = json.GetText("response_format") ?? "mp3";
        var bytes = new byte[256 + (input.Length * 32)];
        "ID3"u8.CopyTo(bytes);
        for (var i = 3; i < bytes.Length; i++)
        {
            bytes[i] = (byte)Dice.Draw(behaviour.Seed, i);
        }

        var type = format switch { "mp3" => "audio/mpeg", "wav" => "audio/wav", "opus" => "audio/ogg", "aac" => "audio/aac", "flac" => "audio/flac", "pcm" => "audio/pcm", _ => null };
        return type is null ? SideAnswer.Refuse($"Invalid value: '{format}'.", "response_format") : new SideAnswer(bytes, type) { PromptTokens = Vectors.Tokens(Encoding.UTF8.GetByteCount(input)) };
    }

    public static SideAnswer Transcribe(Form? form, SimulatorBehaviour behaviour, bool translates)
    {
        if (form?.File("file") is not { Bytes.Length: > 0 } file)
        {
            return SideAnswer.Refuse("Missing required parameter: 'file'.", "file");
        }

        if (form.Text("model") is null)
        {
            return SideAnswer.Refuse("you must provide a model parameter", "model");
        }

        var text = behaviour.Text ?? (translates ? "These are the translated words." : "These are the spoken words.");
        var seconds = Math.Max(1, file.Bytes.Length / 16_000);
        return form.Text("response_format") switch
        {
            "text" => new SideAnswer(Encoding.UTF8.GetBytes(text + "\n"), "text/plain; charset=utf-8") { PromptTokens = 0 },
            "vtt" => new SideAnswer(Encoding.UTF8.GetBytes("WEBVTT\n\n00:00:00.000 --> 00:00:01.000\n" + text + "\n"), "text/vtt; charset=utf-8") { PromptTokens = 0 },
            "srt" => new SideAnswer(Encoding.UTF8.GetBytes("1\n00:00:00,000 --> 00:00:01,000\n" + text + "\n"), "text/plain; charset=utf-8") { PromptTokens = 0 },
            "verbose_json" => SideAnswer.Json(new JsonObject { ["task"] = translates ? "translate" : "transcribe", ["language"] = "english", ["duration"] = (double)seconds, ["text"] = text, ["segments"] = new JsonArray(), ["usage"] = new JsonObject { ["type"] = "duration", ["seconds"] = seconds } }, 0),
            _ => SideAnswer.Json(new JsonObject { ["text"] = text, ["usage"] = new JsonObject { ["type"] = "duration", ["seconds"] = seconds } }, 0),
        };
    }

    private static SideAnswer Pictures(int count, bool asUrl, long promptBytes, SimulatorBehaviour behaviour)
    {
        var tokens = Vectors.Tokens(promptBytes);
        var answer = new JsonObject { ["created"] = AnswerPlan.Created, ["data"] = NativeJson.Array(Enumerable.Range(0, Math.Clamp(count, 1, 10)).Select(_ => asUrl ? new JsonObject { ["url"] = "https://images.invalid/one.png" } : new JsonObject { ["b64_json"] = Png })) };
        if (behaviour.Usage)
        {
            answer["usage"] = new JsonObject
            {
                ["input_tokens"] = tokens,
                ["input_tokens_details"] = new JsonObject { ["image_tokens"] = 0, ["text_tokens"] = tokens },
                ["output_tokens"] = 272 * count,
                ["total_tokens"] = tokens + (272 * count),
            };
        }

        return SideAnswer.Json(answer, tokens);
    }

    private static JsonObject Each(Func<string, JsonNode> value)
    {
        var all = new JsonObject();
        foreach (var category in _categories)
        {
            all[category] = value(category);
        }

        return all;
    }
}
