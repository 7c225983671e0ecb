using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Gateway.Contracts.Configuration;
using Gateway.Guardrails.Engine.Json;

namespace Gateway.Guardrails.Engine.Requests;

/// <summary>
/// Finds the texts of a request in its body, with who wrote them and where they stand. One table of names serves every dialect (<see cref="TextNames"/>), and what it does
/// not know counts as text, so that a member that a provider adds is looked at before this code knows of it.
/// </summary>
public sealed class RequestTexts
{
    private readonly ReadOnlyMemory<byte> _body;
    private readonly bool _isPlainData;
    private readonly bool _isAnswer;
    private readonly List<RequestText> _texts = [];
    private readonly Dictionary<string, string> _tools = new(StringComparer.Ordinal);

    private RequestTexts(ReadOnlyMemory<byte> body, bool isPlainData, bool isAnswer = false) => (_body, _isPlainData, _isAnswer) = (body, isPlainData, isAnswer);

    /// <summary>Everything that a model reads, in the order of the body; then what else there is.</summary>
    public IReadOnlyList<RequestText> All => _texts;

    /// <summary>Finds the texts of JSON.</summary>
    /// <param name="json">The body, or a part of one.</param>
    /// <param name="place">Where its texts stand: <see cref="GuardrailScope.Input"/> or <see cref="GuardrailScope.Embedding"/>.</param>
    /// <param name="isPlainData">True for JSON of no known form: every string of it is text.</param>
    /// <param name="texts">What was found; null when it is no JSON.</param>
    public static bool TryRead(ReadOnlyMemory<byte> json, GuardrailScope place, bool isPlainData, out RequestTexts? texts)
    {
        texts = null;
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 1024 });
            texts = new RequestTexts(json, isPlainData);
            texts.ReadRoot(document.RootElement, new Where(place, GuardSource.User));
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>True when there are media, which are no text.</summary>
    public bool HasMedia { get; private set; }

    /// <summary>Finds the texts of an answer, or of an event of one, in any dialect: what a model said, and the arguments of its calls.</summary>
    /// <param name="json">The answer.</param>
    /// <param name="texts">What was found; null when it is no JSON.</param>
    public static bool TryReadAnswer(ReadOnlyMemory<byte> json, out RequestTexts? texts)
    {
        texts = null;
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 1024 });
            texts = ReadAnswer(json, document.RootElement);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>The same of an answer that is parsed already.</summary>
    /// <param name="json">The answer.</param>
    /// <param name="root">The same, parsed from that memory.</param>
    public static RequestTexts ReadAnswer(ReadOnlyMemory<byte> json, JsonElement root)
    {
        var texts = new RequestTexts(json, isPlainData: false, isAnswer: true);
        texts.Visit(root, "", new Where(GuardrailScope.Output, GuardSource.Assistant));
        return texts;
    }

    /// <summary>The texts of a form: its values, files not.</summary>
    /// <param name="body">The form.</param>
    /// <param name="parts">Its parts: name, place and length of the value, and whether it is a file.</param>
    public static RequestTexts Read(ReadOnlyMemory<byte> body, IEnumerable<(string Name, int Start, int Length, bool IsFile)> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        var texts = new RequestTexts(body, isPlainData: false);
        foreach (var (name, start, length, isFile) in parts)
        {
            texts.HasMedia |= isFile;
            if (!isFile)
            {
                var text = new GuardText(Encoding.UTF8.GetString(body.Span.Slice(start, length)), GuardrailScope.Input) { Source = GuardSource.User };
                var isPrompt = name is "prompt" or "input" or "instructions" or "text" or "negative_prompt";
                texts._texts.Add(new RequestText(text, start, isPrompt ? length : 0, TextForm.Plain));
            }
        }

        return texts;
    }

    private void ReadRoot(JsonElement root, in Where where, bool isBody = false)
    {
        if (root.ValueKind != JsonValueKind.Object || _isPlainData)
        {
            Visit(root, "", where with { IsData = _isPlainData });
            return;
        }

        foreach (var member in root.EnumerateObject())
        {
            if (TextNames.System.Contains(member.Name))
            {
                Visit(member.Value, member.Name, where with { Source = GuardSource.System });
            }
            else if (TextNames.Definitions.Contains(member.Name))
            {
                VisitDefinition(member.Value, "", where with { Source = GuardSource.System });
            }
            else if (TextNames.Documents.Contains(member.Name))
            {
                Visit(member.Value, member.Name, where with { Source = GuardSource.Document });
            }
            else if (TextNames.Prompts.Contains(member.Name))
            {
                Visit(member.Value, member.Name, where);
            }
            else if (member.Name == "body" && member.Value.ValueKind == JsonValueKind.Object && !isBody)
            {
                // A line of a batch has its request there.
                ReadRoot(member.Value, where, isBody: true);
            }
            else
            {
                Besides(member.Value, where);
            }
        }
    }

    private void Visit(JsonElement json, string name, in Where where)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.String:
                Add(json, where);
                break;
            case JsonValueKind.Array:
                foreach (var item in json.EnumerateArray())
                {
                    Visit(item, name, where);
                }

                break;
            case JsonValueKind.Object when where.IsData:
                foreach (var member in json.EnumerateObject())
                {
                    Visit(member.Value, member.Name, where);
                }

                break;
            case JsonValueKind.Object:
                VisitObject(json, name, where);
                break;
        }
    }

    private void VisitObject(JsonElement json, string name, Where where)
    {
        var type = Text(json, "type");
        where = Speaker(Text(json, "role"), where);
        var isCall = TextNames.Calls.Contains(name) || TextNames.CallTypes.Contains(type ?? "");
        var isResult = TextNames.Results.Contains(name) || TextNames.IsResult(type);
        if (isCall)
        {
            where = where with { Source = GuardSource.Assistant, Tool = Text(json, "name") ?? where.Tool };
            Remember(json, where.Tool);
        }
        else if (isResult)
        {
            where = where with { Place = Result(where.Place), Source = GuardSource.Tool, Tool = ToolOf(json) ?? where.Tool };
        }
        else if (where.Place == GuardrailScope.ToolResult)
        {
            where = where with { Tool = ToolOf(json) ?? where.Tool };
        }
        else if (type is "document" or "search_result" || name is "document" or "searchResult")
        {
            where = where with { Source = GuardSource.Document };
        }
        else if (type is "thinking" or "reasoning" || name is "reasoningContent" or "reasoningText")
        {
            where = where with { IsSealed = true, Source = GuardSource.Assistant };
        }
        else if (Has(json, "thoughtSignature") || Has(json, "thought_signature"))
        {
            where = where with { IsSealed = true };
        }

        if (name == "tool_calls" || json.TryGetProperty("function", out _))
        {
            Remember(json, json.TryGetProperty("function", out var function) && function.ValueKind == JsonValueKind.Object ? Text(function, "name") : null);
        }

        var isDocumentData = type == "text" || !(Has(json, "media_type") || Has(json, "mime_type") || Has(json, "mimeType") || Has(json, "mediaType") || Has(json, "format"));
        foreach (var member in json.EnumerateObject())
        {
            if (isCall && member.Name is "arguments" or "args" or "input")
            {
                AddArguments(member.Value, _isAnswer ? where with { Place = GuardrailScope.ToolCall } : where);
            }
            else if (_isAnswer && AnswerNames.Find(member, type) is { } kind)
            {
                VisitAnswer(member, kind, where);
            }
            else if ((isResult || where.Place == GuardrailScope.ToolResult) && member.Name is "response" or "json")
            {
                Visit(member.Value, member.Name, where with { IsData = true });
            }
            else if (member.Name == "data" && isDocumentData && (where.Source == GuardSource.Document || type == "text"))
            {
                Visit(member.Value, member.Name, where with { IsData = true });
            }
            else if (TextNames.System.Contains(member.Name))
            {
                Visit(member.Value, member.Name, where with { Source = GuardSource.System });
            }
            else if (TextNames.Definitions.Contains(member.Name))
            {
                VisitDefinition(member.Value, "", where with { Source = GuardSource.System });
            }
            else if (TextNames.Documents.Contains(member.Name) && where.Place != GuardrailScope.ToolResult)
            {
                Visit(member.Value, member.Name, where with { Source = GuardSource.Document });
            }
            else if (TextNames.Structure.Contains(member.Name) && !IsCall(member))
            {
                HasMedia |= TextNames.IsMedia(member);
                if (!TextNames.Media.Contains(member.Name))
                {
                    Besides(member.Value, where);
                }
            }
            else
            {
                Visit(member.Value, member.Name, where);
            }
        }
    }

    private void VisitAnswer(JsonProperty member, AnswerMember kind, in Where where)
    {
        switch (kind)
        {
            case AnswerMember.Media:
                HasMedia = true;
                break;
            case AnswerMember.Tells when member.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array:
                // It tells the text once more, token by token.
                Add(member.Value, new GuardText("null", where.Place), TextForm.Tells, isSealed: false);
                break;
            case AnswerMember.Text:
                Visit(member.Value, member.Name, where);
                break;
        }
    }

    // A member of such a name that is an object of its own form.
    private static bool IsCall(JsonProperty member) => TextNames.Calls.Contains(member.Name) && member.Value.ValueKind == JsonValueKind.Object;

    private void VisitDefinition(JsonElement json, string name, in Where where)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.String when name is "description" or "title" or "instructions":
                Add(json, where);
                break;
            case JsonValueKind.String:
                Besides(json, where);
                break;
            case JsonValueKind.Array:
                foreach (var item in json.EnumerateArray())
                {
                    VisitDefinition(item, name, where);
                }

                break;
            case JsonValueKind.Object:
                foreach (var member in json.EnumerateObject())
                {
                    VisitDefinition(member.Value, member.Name, where);
                }

                break;
        }
    }

    /// <summary>What no model reads as text: it is looked at for what nothing may contain, and never changed.</summary>
    private void Besides(JsonElement json, in Where where)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.String:
                var raw = Inner(json);
                if (!raw.StartsWith("data:"u8))
                {
                    _texts.Add(new RequestText(new GuardText(JsonTexts.Read(raw), where.Place) { Source = where.Source }, 0, 0, TextForm.JsonString));
                }

                break;
            case JsonValueKind.Array:
                foreach (var item in json.EnumerateArray())
                {
                    Besides(item, where);
                }

                break;
            case JsonValueKind.Object:
                foreach (var member in json.EnumerateObject().Where(static m => !TextNames.Media.Contains(m.Name)))
                {
                    Besides(member.Value, where);
                }

                break;
        }
    }

    private void AddArguments(JsonElement json, in Where where)
    {
        if (json.ValueKind == JsonValueKind.String)
        {
            var text = JsonTexts.Read(Inner(json));
            var isJson = text.AsSpan().TrimStart() is ['{' or '[', ..];
            Add(json, new GuardText(isJson ? JsonTexts.Unhidden(text) : text, where.Place) { Source = where.Source, Tool = where.Tool, IsJson = isJson }, TextForm.JsonString, where.IsSealed);
        }
        else if (json.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
        {
            Add(json, new GuardText(JsonTexts.Unhidden(json, JsonMarshal.GetRawUtf8Value(json)), where.Place) { Source = where.Source, Tool = where.Tool, IsJson = true }, TextForm.Json, where.IsSealed);
        }
    }

    private void Add(JsonElement json, in Where where) =>
        Add(json, new GuardText(JsonTexts.Read(Inner(json)), where.Place) { Source = where.Source, Tool = where.Tool }, TextForm.JsonString, where.IsSealed);

    private void Add(JsonElement json, in GuardText text, TextForm form, bool isSealed)
    {
        if (text.Text.Length == 0)
        {
            return;
        }

        var raw = JsonMarshal.GetRawUtf8Value(json);
        _ = _body.Span.Overlaps(raw, out var start);
        _texts.Add(new RequestText(text, start, raw.Length, form, isSealed));
    }

    private void Remember(JsonElement call, string? name)
    {
        if (name is not null && (Text(call, "id") ?? Text(call, "call_id") ?? Text(call, "toolUseId")) is { } id)
        {
            _tools[id] = name;
            if (Text(call, "call_id") is { } second)
            {
                _tools[second] = name;
            }
        }
    }

    private string? ToolOf(JsonElement result)
    {
        var id = Text(result, "tool_call_id") ?? Text(result, "tool_use_id") ?? Text(result, "toolUseId") ?? Text(result, "call_id");
        return id is not null && _tools.TryGetValue(id, out var name) ? name : Text(result, "name");
    }

    private static Where Speaker(string? role, in Where where) => role?.ToLowerInvariant() switch
    {
        "system" or "developer" => where with { Source = GuardSource.System },
        "user" => where with { Source = GuardSource.User },
        "assistant" or "model" or "chatbot" => where with { Source = GuardSource.Assistant },
        "tool" or "function" => where with { Source = GuardSource.Tool, Place = Result(where.Place) },
        _ => where,
    };

    private static GuardrailScope Result(GuardrailScope place) => place == GuardrailScope.Input ? GuardrailScope.ToolResult : place;

    private static bool Has(JsonElement json, string name) => json.TryGetProperty(name, out _);

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? JsonTexts.Read(Inner(value)) : null;

    private static ReadOnlySpan<byte> Inner(JsonElement text) => JsonMarshal.GetRawUtf8Value(text)[1..^1];

    /// <summary>Whose text it is at some place of a body.</summary>
    private readonly record struct Where(GuardrailScope Place, GuardSource Source)
    {
        public string? Tool { get; init; }

        public bool IsSealed { get; init; }

        /// <summary>True below what an application put there in a form of its own, where every string is text.</summary>
        public bool IsData { get; init; }
    }
}
