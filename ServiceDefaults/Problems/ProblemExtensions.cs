using Microsoft.AspNetCore.Http;

namespace Gateway.ServiceDefaults.Problems;

/// <summary>Writes errors in one shape.</summary>
public static class ProblemExtensions
{
    /// <summary>Ends the request with <c>application/problem+json</c>.</summary>
    /// <param name="context">The request.</param>
    /// <param name="status">The HTTP status, 400 to 599.</param>
    /// <param name="code">Stable name of the error, for programs.</param>
    /// <param name="title">What is wrong, for people.</param>
    /// <param name="detail">What to do about it.</param>
    public static Task WriteProblemAsync(this HttpContext context, int status, string code, string title, string detail)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(
            new ProblemBody(status, code, title, detail), ProblemJson.Default.ProblemBody, "application/problem+json", context.RequestAborted);
    }
}
