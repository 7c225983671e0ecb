using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Gateway.LlmSimulator.Answers;

namespace Gateway.LlmSimulator.Serving;

/// <summary>Turns a request into the answer to give; pure but for what it is told.</summary>
internal static class Planner
{
    /// <summary>What a broken proxy answers.</summary>
    public static ReadOnlyMemory<byte> HtmlPage => _html;

    private static readonly byte[] _html = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>proxy</center>\r\n</body>\r\n</html>\r\n"u8.ToArray();

    public static Work Plan(Operation endpoint, long number, Model model, CompiledBehaviour compiled, in RequestScan scan, ReadOnlySpan<byte> body)
    {
        var behaviour = compiled.Behaviour;
        if (behaviour.Status > 0)
        {
            var error = Work.Error(number, behaviour, behaviour.Status, behaviour.Error, null);
            return behaviour.Html ? error with { Body = _html } : behaviour.Empty ? error with { Body = default } : error;
        }

        var plan = new AnswerPlan(endpoint, string.Create(CultureInfo.InvariantCulture, $"{behaviour.Seed}-{number}"), model.Name, behaviour)
        {
            Stream = scan.Stream && endpoint != Operation.Embedding,
            IncludeUsage = scan.IncludeUsage,
            PromptTokens = scan.PromptTokens,
        };
        var buffer = new Utf8Buffer();
        if (endpoint == Operation.Embedding)
        {
            using var request = JsonDocument.Parse(body.ToArray());
            if (!request.RootElement.TryGetProperty("input", out var input))
            {
                return Work.Error(number, behaviour, StatusCodes.Status400BadRequest, null, "you must provide an input");
            }

            Embeddings.Write(buffer, plan, input, scan.Dimensions is > 0 and <= 65_536 and { } wanted ? wanted : behaviour.Dims, scan.Base64);
        }
        else
        {
            plan = Fill(plan, compiled, scan, body);
            if (!plan.Stream)
            {
                PlainAnswer.Write(buffer, plan);
            }
        }

        var bytes = behaviour.Html ? _html : behaviour.Empty ? default : buffer.Written;
        return new Work(number, behaviour, bytes, StatusCodes.Status200OK, model.Account)
        {
            Events = plan.Stream ? new StreamEvents(plan) : null,
            PromptTokens = plan.PromptTokens,
            CompletionTokens = endpoint == Operation.Embedding ? 0 : plan.CompletionTokens,
            Classes = plan.Classes,
        };
    }

    private static AnswerPlan Fill(AnswerPlan plan, CompiledBehaviour compiled, in RequestScan scan, ReadOnlySpan<byte> body)
    {
        if (plan.Behaviour.Thinking > 0 && plan.Operation == Operation.Chat)
        {
            plan = plan with { Thinking = Words.Draw(plan.Behaviour.Seed + 1, plan.Behaviour.Thinking) };
        }

        if (plan.Behaviour.Tools > 0 && scan.HasTools && (plan.Behaviour.ToolsAgain || !scan.EndsInToolResult) && plan.Operation == Operation.Chat)
        {
            using var request = JsonDocument.Parse(body.ToArray());
            var calls = ToolCalls.Make(request.RootElement, plan.Behaviour.Tools, plan.Id);
            if (calls.Count > 0)
            {
                return plan with { ToolCalls = calls, Finish = "tool_calls" };
            }
        }

        var pieces = plan.Behaviour.Echo ? Words.Split(body[scan.LastText]) : compiled.Pieces;
        if (plan.Behaviour.Resume && plan.Operation == Operation.Chat)
        {
            using var request = JsonDocument.Parse(body.ToArray());
            var whole = JsonSerializer.Deserialize<string>(Encoding.UTF8.GetString([(byte)'"', .. compiled.Text, (byte)'"']))!;
            var rest = Resuming.Rest(whole, Resuming.Beginning([.. request.RootElement.GetProperty("messages").EnumerateArray()]), plan.Behaviour.Repeat);
            pieces = Words.Split(Encoding.UTF8.GetBytes(JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(rest)));
        }

        return scan.MaxTokens is >= 0 and { } most && most < pieces.Length
            ? plan with { Pieces = pieces[..most], Finish = "length" }
            : plan with { Pieces = pieces };
    }

    /// <summary>The headers a behaviour asks for, framing left out.</summary>
    public static AnswerHead Head(Work work, string requestId)
    {
        var behaviour = work.Behaviour;
        var headers = new List<KeyValuePair<string, string>>
        {
            new("content-type", behaviour.ContentType ?? work.ContentType ?? (behaviour.Html ? "text/html" : work.IsStream ? "text/event-stream; charset=utf-8" : "application/json")),
        };
        if (work.Headers is not null)
        {
            headers.AddRange(work.Headers);
            return new AnswerHead(work.Status, headers, work.IsStream || work.Chunked ? null : Math.Min(work.Body.Length, behaviour.Truncate ?? int.MaxValue));
        }

        headers.Add(new("x-request-id", requestId));
        headers.Add(new("openai-version", "2020-10-01"));
        if (work.IsStream)
        {
            headers.Add(new("cache-control", "no-cache"));
        }

        if ((behaviour.RetryAfter ?? (work.Status == StatusCodes.Status429TooManyRequests ? 1 : null)) is { } retryAfter)
        {
            headers.Add(new("retry-after", retryAfter.ToString(CultureInfo.InvariantCulture)));
        }

        if (behaviour.RateHeaders || work.Status == StatusCodes.Status429TooManyRequests)
        {
            var refused = work.Status == StatusCodes.Status429TooManyRequests;
            headers.Add(new("x-ratelimit-limit-requests", "10000"));
            headers.Add(new("x-ratelimit-limit-tokens", "200000"));
            headers.Add(new("x-ratelimit-remaining-requests", refused ? "0" : "9999"));
            headers.Add(new("x-ratelimit-remaining-tokens", refused ? "0" : "199950"));
            headers.Add(new("x-ratelimit-reset-requests", refused ? (behaviour.RetryAfter ?? 1).ToString(CultureInfo.InvariantCulture) + "s" : "8.64s"));
            headers.Add(new("x-ratelimit-reset-tokens", refused ? (behaviour.RetryAfter ?? 1).ToString(CultureInfo.InvariantCulture) + "s" : "15ms"));
        }

        return new AnswerHead(work.Status, headers, work.IsStream || work.Chunked ? null : Math.Min(work.Body.Length, behaviour.Truncate ?? int.MaxValue));
    }
}
