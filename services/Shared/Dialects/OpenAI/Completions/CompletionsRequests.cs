using System.Buffers;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;
using Gateway.Dialects.OpenAI.Compatible;

namespace Gateway.Dialects.OpenAI.Completions;

/// <summary>Requests of the older completions: one prompt, which is one message of the user.</summary>
internal static class CompletionsRequests
{
    public static DialectProblem? Read(ReadOnlySpan<byte> body, in RequestLocation location, out ChatRequest request)
    {
        request = new ChatRequest { Origin = DialectId.OpenAICompletions };
        if (!LenientJson.TryParseObject(body, out var json))
        {
            return new DialectProblem("The body is not a JSON object, or nested too deeply.", null);
        }

        var members = new RequestMembers();
        OpenAIRequestReader.ReadParameters(json, request, members);
        request.Model = location.Model ?? request.Model;
        request.Stream |= location.Stream;
        if (members.Problem is not null)
        {
            return members.Problem;
        }

        if (Prompt(json) is not { } prompt)
        {
            return new DialectProblem("'prompt' must be a string, or an array of one string: this model is served by a chat endpoint, which takes one text at a time.", "prompt");
        }

        // What is to be filled in between two texts is another question than what follows one.
        var suffix = request.Extensions.FindIndex(static e => e.Name == "suffix");
        if (suffix >= 0)
        {
            request.Extensions[suffix] = request.Extensions[suffix] with { Essential = true };
        }

        var message = new ChatMessage(ChatRole.User);
        message.Parts.Add(new TextPart(prompt));
        request.Messages.Add(message);
        return null;
    }

    public static DialectProblem? Write(ChatRequest request, RequestTarget target, IBufferWriter<byte> output, DropList drops)
    {
        var isOwn = request.Origin == DialectId.OpenAICompletions;
        if (!isOwn && request.Extensions.Find(static e => e.Essential) is { } essential)
        {
            return new DialectProblem($"'{essential.Name}' cannot be expressed for the provider of this model.", essential.Name);
        }

        if (Text(request) is not { } prompt)
        {
            return new DialectProblem("The model takes one text only: no tools, no media, and no conversation of several turns.", "messages");
        }

        using var json = JsonOutput.Create(output);
        var writer = new RequestBody(json, target, request.Origin, drops);
        json.WriteStartObject();
        if (!target.ModelInPath)
        {
            json.WriteString("model"u8, target.Model);
        }

        json.WriteString("prompt"u8, prompt);
        writer.Number("max_tokens", request.MaxOutputTokens);
        OpenAIRequestWriter.WriteSampling(writer, request, target, ProviderQuirks.Of(target.Provider), drops);
        drops.AddIf(request.Format is not null and not { Kind: ResponseFormatKind.Text }, CallerNames.Of(request.Origin, "response_format"));
        drops.AddIf(request.Reasoning is not null, CallerNames.Of(request.Origin, "reasoning_effort"));
        drops.AddIf(request.Verbosity is not null, CallerNames.Of(request.Origin, "verbosity"));
        drops.AddIf(request.Metadata.Count > 0, CallerNames.Of(request.Origin, "metadata"));
        foreach (var extension in request.Extensions)
        {
            if (!isOwn)
            {
                drops.Add(extension.Name);
            }
            else if (writer.Begin(extension.Name))
            {
                extension.Value.WriteTo(json);
            }
        }

        json.WriteEndObject();
        return null;
    }

    private static string? Prompt(JsonElement json)
    {
        if (json.StringOf("prompt") is { } prompt)
        {
            return prompt;
        }

        return json.TryArray("prompt", out var list) && list.GetArrayLength() == 1 && list[0].ValueKind == JsonValueKind.String ? list[0].GetString() : null;
    }

    /// <summary>The one text of a request, its instructions in front; null when it is more than that.</summary>
    private static string? Text(ChatRequest request)
    {
        var isPlain = request.Tools.Count == 0 && request.Messages.Count(static m => m.Role == ChatRole.User) == 1
            && request.Messages.TrueForAll(static m => m.Role is ChatRole.User or ChatRole.System or ChatRole.Developer && m.Parts.TrueForAll(static p => p is TextPart));
        return isPlain ? string.Join("\n\n", request.Messages.Select(static m => string.Concat(m.Parts.Cast<TextPart>().Select(static t => t.Text)))) : null;
    }
}
