using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Dialects.Chat;
using static Gateway.Dialects.Tests.Contract.DialectFeatures;

namespace Gateway.Dialects.Tests.Contract;

/// <summary>
/// What a neutral request or answer says, as lines of text to compare. What is no difference is left out: which of two neighbouring messages of one role a
/// part is in, white space in JSON, empty arguments against <c>{}</c>, names of tool results, ids in dialects without them.
/// </summary>
internal sealed class NeutralText(DialectFeatures features)
{
    private readonly StringBuilder _text = new();
    private readonly Dictionary<string, string> _ids = [];

    public static string Of(ChatRequest request, DialectFeatures features) => new NeutralText(features).Request(request);

    public static string Of(ChatAnswer answer, DialectFeatures features) => new NeutralText(features).Answer(answer);

    private string Request(ChatRequest request)
    {
        Line($"max={request.MaxOutputTokens} temperature={request.Temperature} top_p={request.TopP} top_k={request.TopK} seed={request.Seed}");
        Line($"frequency={request.FrequencyPenalty} presence={request.PresencePenalty} n={request.Choices} stop={string.Join('|', request.Stop)}");
        Line($"user={request.EndUser} metadata={string.Join('|', request.Metadata)} verbosity={request.Verbosity} parallel={request.ParallelToolCalls}");
        Line($"reasoning={request.Reasoning?.Effort} {request.Reasoning?.BudgetTokens}");
        Line($"format={request.Format?.Kind} {Canonical(request.Format?.Schema)}");
        foreach (var tool in request.Tools)
        {
            Line($"tool {tool.Kind} {tool.Name} {tool.Description} strict={tool.Strict} {Canonical(tool.Parameters)}{Cache(tool.Cache)}");
        }

        if (request.ToolChoice is { } choice)
        {
            Line($"choice {choice.Mode} {choice.Name} {string.Join(',', choice.Allowed)}");
        }

        ChatRole? last = null;
        foreach (var message in request.Messages)
        {
            var role = message.Role == ChatRole.Developer && !Has(Developer) ? ChatRole.System : message.Role;
            if (role != last)
            {
                Line($"{role}:");
                last = role;
            }

            message.Parts.ForEach(Part);
        }

        return _text.ToString();
    }

    private string Answer(ChatAnswer answer)
    {
        Line($"usage {(answer.Usage is { } u ? $"in={u.Input} read={u.CacheRead} write={u.CacheWrite} out={u.Output} reasoning={u.Reasoning} audio={u.AudioInput}/{u.AudioOutput}" : "none")}");
        foreach (var choice in answer.Choices.OrderBy(static c => c.Index))
        {
            Line($"choice {choice.Index} {choice.Finish} {(Has(StopSequenceReported) ? choice.StopSequence : null)}");
            choice.Parts.ForEach(Part);
            if (Has(LogProbabilities) && choice.LogProbabilities is { } probabilities)
            {
                Line("  logprobs " + Canonical(probabilities));
            }
        }

        return _text.ToString();
    }

    private void Part(ContentPart part)
    {
        switch (part)
        {
            case TextPart text:
                Line($"  text {Quote(text.Text)}{Cache(part.Cache)}");
                foreach (var citation in text.Citations.Where(_ => Has(WebCitations)))
                {
                    Line($"    source {citation.Url} {citation.Title}");
                }

                break;
            case ReasoningPart reasoning:
                Line($"  reasoning {Quote(reasoning.Text)} summary={Has(ReasoningSummaries) && reasoning.IsSummary} signature={reasoning.Signature} encrypted={reasoning.Encrypted}");
                break;
            case RefusalPart refusal:
                Line($"  refusal {Quote(refusal.Text)}");
                break;
            case ToolCallPart call:
                Line($"  call {Id(call.Id)} {call.Name} {(call.IsCustom ? Quote(call.Arguments) : Arguments(call.Arguments))} {call.Signature}");
                break;
            case ToolResultPart result:
                Line($"  result {Id(result.CallId)} error={result.IsError}{Cache(result.Cache)}");
                result.Content.ForEach(Part);
                break;
            case MediaPart media:
                Line($"  {media.Kind} {(media.Kind == MediaKind.Audio ? "" : media.MediaType)} {media.Url} {media.FileId} {media.Name} {media.Data} {Quote(media.Transcript ?? "")}{Cache(part.Cache)}");
                break;
            case OpaquePart opaque:
                Line($"  {opaque.Origin} {opaque.Type} {Canonical(opaque.Raw)}");
                break;
        }
    }

    private string Id(string id)
    {
        if (Has(CallIds))
        {
            return id;
        }

        if (!_ids.TryGetValue(id, out var ordinal))
        {
            _ids[id] = ordinal = "#" + (_ids.Count + 1).ToString(CultureInfo.InvariantCulture);
        }

        return ordinal;
    }

    private string Cache(CacheMarker? cache) => cache is null || !Has(CacheMarkers) ? "" : $" cache({cache.Ttl})";

    private bool Has(DialectFeatures feature) => (features & feature) == feature;

    private void Line(FormattableString line) => Line(line.ToString(CultureInfo.InvariantCulture));

    private void Line(string line) => _text.Append(line).Append('\n');

    private static string Quote(string text) => JsonSerializer.Serialize(text);

    private static string Arguments(string json)
    {
        try
        {
            return Canonical(JsonElement.Parse(json.Length == 0 ? "{}" : json));
        }
        catch (JsonException)
        {
            return json;
        }
    }

    private static string Canonical(JsonElement? json) => json is { } element ? Sorted(JsonNode.Parse(element.GetRawText())) : "";

    private static string Sorted(JsonNode? node) => node switch
    {
        JsonObject o => "{" + string.Join(',', o.OrderBy(static p => p.Key, StringComparer.Ordinal).Select(static p => Quote(p.Key) + ":" + Sorted(p.Value))) + "}",
        JsonArray a => "[" + string.Join(',', a.Select(Sorted)) + "]",
        null => "null",
        _ => node.ToJsonString(),
    };
}
