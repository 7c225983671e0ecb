using Gateway.Dialects.Chat;
using Gateway.Recordings;

namespace Gateway.Dialects.Tests.Pairs;

/// <summary>Recordings that a pair of dialects is not tried on, each with its reason; docs/dialects.md repeats them.</summary>
internal static class PairExclusions
{
    public static string? Of(Recording recording, DialectId caller)
    {
        if (recording.Id.Contains("spliced-message-start", StringComparison.Ordinal))
        {
            return "two messages spliced into one stream, which is refused from the second beginning on";
        }

        if (!recording.IsError && recording.DialectId == DialectId.OpenAIChat && recording.BodyText.Contains("\"transcript\":", StringComparison.Ordinal))
        {
            return "an answer in sound, which only callers of chat completions can ask for";
        }

        if (caller is not (DialectId.OpenAIChat or DialectId.OpenAIResponses) && recording.BodyText.Contains("\"custom_tool_call\"", StringComparison.Ordinal))
        {
            return "a call with free text, of a tool that only callers of Responses and chat completions can define";
        }

        if (caller == DialectId.Gemini && recording.Id.Contains("incomplete_partial_json", StringComparison.Ordinal))
        {
            return "a call that was cut off within its arguments, which Gemini has as an object only";
        }

        if (recording.IsError || recording.IsStream || recording.DialectId != DialectId.OpenAIResponses)
        {
            return null;
        }

        var body = recording.BodyText;
        return body.Contains("\"status\":\"queued\"", StringComparison.Ordinal) || body.Contains("\"status\": \"queued\"", StringComparison.Ordinal)
            ? "background work, which only callers of Responses can ask for" : null;
    }
}
