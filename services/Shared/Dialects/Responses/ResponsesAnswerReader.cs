using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Responses;

/// <summary>Reads whole answers of a provider that speaks the Responses dialect.</summary>
internal static class ResponsesAnswerReader
{
    public static bool TryRead(ReadOnlyMemory<byte> body, out ChatAnswer answer)
    {
        answer = null!;
        if (!LenientJson.TryParseObject(body.Span, out var response) || !response.TryArray("output", out var output))
        {
            return false;
        }

        answer = new ChatAnswer
        {
            Origin = DialectId.OpenAIResponses,
            Id = response.StringOf("id"),
            Model = response.StringOf("model"),
            Created = (long?)response.NumberOf("created_at"),
            ServiceTier = response.StringOf("service_tier"),
            Usage = ResponsesUsage.Read(response),
        };
        var choice = new ChatChoice { LogProbabilities = ReadLogProbabilities(output) };
        var searchesX = OutputReader.SearchesX(response);
        foreach (var item in output.EnumerateArray())
        {
            OutputReader.Read(item, searchesX, choice.Parts);
        }

        var reason = response.TryObject("incomplete_details", out var details) ? details.StringOf("reason") : null;
        (choice.Finish, choice.FinishDetail) = ResponseEnding.Read(
            response.StringOf("status"), reason, choice.Parts.Exists(static p => p is ToolCallPart), choice.Parts.Exists(static p => p is RefusalPart));
        if (response.TryObject("error", out var error))
        {
            choice.FinishDetail = error.StringOf("code") ?? error.StringOf("message") ?? choice.FinishDetail;
        }

        if (response.StringOf("status") == "failed")
        {
            answer.Error = ResponsesErrors.ReadResponse(response);
        }

        answer.Choices.Add(choice);
        return true;
    }

    private static JsonElement? ReadLogProbabilities(JsonElement output)
    {
        var entries = new List<string>();
        foreach (var item in output.EnumerateArray())
        {
            if (OutputReader.TypeOf(item) == "message" && item.TryArray("content", out var contents))
            {
                entries.AddRange(contents.EnumerateArray().SelectMany(static c => c.TryArray("logprobs", out var list)
                    ? list.EnumerateArray().Select(static e => e.GetRawText()) : []));
            }
        }

        return entries.Count == 0 ? null : JsonElement.Parse($$"""{"content":[{{string.Join(',', entries)}}],"refusal":null}""");
    }
}
