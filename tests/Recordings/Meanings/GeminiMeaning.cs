using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Recordings.Meanings;

/// <summary>Gemini's generateContent; arguments of calls may come in pieces by path.</summary>
internal sealed class GeminiMeaning(MeaningDraft draft, bool isStream) : IMeaningSource
{
    private int _calls;
    private JsonObject? _building;
    private bool _finished;

    public void Read(string name, JsonElement json)
    {
        if (json.Get("error") is not null)
        {
            draft.Error = MeaningReader.ErrorOf(json);
            return;
        }

        if (json.Get("usageMetadata") is { ValueKind: JsonValueKind.Object } usage)
        {
            draft.Usage = new SeenUsage(
                usage.Long("promptTokenCount") + usage.Long("toolUsePromptTokenCount"),
                usage.Long("candidatesTokenCount") + usage.Long("thoughtsTokenCount"),
                usage.Long("cachedContentTokenCount"));
        }

        if (json.Get("promptFeedback")?.Text("blockReason") is not null)
        {
            _finished = true;
            draft.Ending = Ending.Filter;
        }

        foreach (var candidate in json.Items("candidates").Where(c => c.Long("index") == 0))
        {
            foreach (var part in candidate.Get("content")?.Items("parts") ?? [])
            {
                Part(part);
            }

            if (candidate.Text("finishReason") is { } finish)
            {
                _finished = true;
                draft.Ending = finish switch
                {
                    "STOP" => Ending.Stop,
                    "MAX_TOKENS" => Ending.Length,
                    "SAFETY" or "RECITATION" or "BLOCKLIST" or "PROHIBITED_CONTENT" or "SPII" or "IMAGE_SAFETY" or "LANGUAGE" => Ending.Filter,
                    _ => Ending.Other,
                };
            }
        }
    }

    public void Done() => draft.Flaw(true, "[DONE] in a Gemini stream");

    public void End()
    {
        Close();
        draft.IsComplete = !isStream || (_finished && draft.Error is null);
    }

    private void Part(JsonElement part)
    {
        if (part.Get("thought") is not { ValueKind: JsonValueKind.True })
        {
            _ = draft.Text.Append(part.Text("text"));
        }

        if (part.Get("functionCall") is not { } call)
        {
            return;
        }

        if (call.Text("name") is { } name)
        {
            Close();
            var arguments = draft.Call(_calls++, name);
            if (call.Get("args") is { } args)
            {
                _ = arguments.Append(args.GetRawText());
            }
            else if (call.Get("willContinue") is { ValueKind: JsonValueKind.True } || call.Get("partialArgs") is not null)
            {
                _building = [];
            }
        }

        foreach (var piece in call.Items("partialArgs"))
        {
            Set(_building ??= [], piece);
        }
    }

    private void Close()
    {
        if (_building is not null)
        {
            _ = draft.Call(_calls - 1, null).Append(_building.ToJsonString());
            _building = null;
        }
    }

    /// <summary>Puts <c>{"jsonPath": "$.a.b[0]", "stringValue": …}</c> where it belongs; text at a place that has text continues it.</summary>
    private static void Set(JsonObject root, JsonElement piece)
    {
        var steps = (piece.Text("jsonPath") ?? "$").Replace("[", ".[", StringComparison.Ordinal).Split('.', StringSplitOptions.RemoveEmptyEntries).Skip(1).ToList();
        JsonNode at = root;
        for (var i = 0; i < steps.Count; i++)
        {
            var isLast = i == steps.Count - 1;
            JsonNode Fresh() => isLast ? Value(piece) ?? JsonValue.Create("") : steps[i + 1].StartsWith('[') ? new JsonArray() : new JsonObject();
            if (steps[i].StartsWith('[') && steps[i].Trim('[', ']', '\'', '"') is var inner && int.TryParse(inner, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
            {
                var array = at.AsArray();
                while (array.Count < index)
                {
                    array.Add(null);
                }

                if (array.Count == index)
                {
                    array.Add(Fresh());
                }
                else if (isLast)
                {
                    array[index] = Joined(array[index], piece);
                }

                at = array[index]!;
            }
            else
            {
                var key = steps[i].Trim('[', ']', '\'', '"');
                var holder = at.AsObject();
                if (!holder.ContainsKey(key))
                {
                    holder[key] = isLast ? Value(piece) : Fresh();
                }
                else if (isLast)
                {
                    holder[key] = Joined(holder[key], piece);
                }

                if (!isLast)
                {
                    at = holder[key]!;
                }
            }
        }
    }

    private static JsonNode? Joined(JsonNode? before, JsonElement piece)
        => before is JsonValue text && text.TryGetValue<string>(out var start) && piece.Text("stringValue") is { } more ? start + more : Value(piece);

    private static JsonNode? Value(JsonElement piece)
        => piece.Text("stringValue") is { } text ? text
            : piece.Get("numberValue") is { } number ? JsonNode.Parse(number.GetRawText())
            : piece.Get("boolValue") is { } flag ? flag.GetBoolean()
            : null;
}
