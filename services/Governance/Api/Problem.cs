using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Governance.Api;

/// <summary>Problem details (RFC 9457) of every refused admin call.</summary>
public sealed record Problem
{
    /// <summary>Always <c>about:blank</c>: the status says the kind, <c>code</c> the case.</summary>
    public string Type { get; init; } = "about:blank";

    /// <summary>What is wrong, the same for every occurrence.</summary>
    public required string Title { get; init; }

    /// <summary>The HTTP status.</summary>
    public required int Status { get; init; }

    /// <summary>What is wrong this time, and what to do.</summary>
    public string? Detail { get; init; }

    /// <summary>Stable code for programs, for example <c>invalid_fields</c>.</summary>
    public required string Code { get; init; }

    /// <summary>Every field that is wrong; only with <c>invalid_fields</c> and <c>unknown_reference</c>.</summary>
    public IReadOnlyList<FieldError>? Errors { get; init; }

    /// <summary>Who refers to the entry; only with <c>in_use</c>.</summary>
    public IReadOnlyList<string>? ReferredBy { get; init; }

    internal static Problem Malformed(string detail) => new() { Status = 400, Title = "The request cannot be read.", Code = "malformed_request", Detail = detail };

    internal static Problem Invalid(IReadOnlyList<FieldError> errors)
        => new() { Status = 400, Title = "Some fields are not valid.", Code = "invalid_fields", Detail = $"{errors.Count} field(s) are wrong; see errors.", Errors = errors };

    internal static Problem NotFound(string kind, string id)
        => new() { Status = 404, Title = "There is no such entry.", Code = "not_found", Detail = $"There is no {kind} '{id}'." };

    internal static Problem Exists(string kind, string id)
        => new() { Status = 409, Title = "The entry exists already.", Code = "already_exists", Detail = $"There is a {kind} '{id}' already; change it with PUT or PATCH." };

    internal static Problem InUse(string kind, string id, IReadOnlyList<string> by) => new()
    {
        Status = 409,
        Title = "The entry is in use.",
        Code = "in_use",
        Detail = $"The {kind} '{id}' is referred to by {string.Join(", ", by)}. Change or delete those first.",
        ReferredBy = by,
    };

    internal static Problem NotStored(string kind, string id, string source) => new()
    {
        Status = 409,
        Title = "The entry is not stored here.",
        Code = "not_stored",
        Detail = $"The {kind} '{id}' comes from {source} and cannot be changed here. Store an entry of the same id with POST to replace it.",
    };

    internal static Problem Changed(long version) => new()
    {
        Status = 412,
        Title = "The entry has changed.",
        Code = "precondition_failed",
        Detail = $"If-Match names another version than the entry's, which is \"{version}\". Read it again and repeat the change.",
    };

    internal static Problem Unavailable(string detail)
        => new() { Status = 503, Title = "The store is not available.", Code = "store_unavailable", Detail = detail };

    internal IResult ToResult() => new ProblemResult(this);

    internal Task WriteAsync(HttpContext context)
    {
        context.Response.StatusCode = Status;
        context.Response.ContentType = "application/problem+json";
        context.Response.Headers.CacheControl = "no-store";
        return JsonSerializer.SerializeAsync(context.Response.Body, this, ProblemJson.Readable.Problem, context.RequestAborted);
    }

    private sealed class ProblemResult(Problem problem) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => problem.WriteAsync(httpContext);
    }
}

/// <summary>One field that is wrong.</summary>
/// <param name="Field">Path of the field, for example <c>targets[1].weight</c>.</param>
/// <param name="Message">What is wrong and what is legal.</param>
public sealed record FieldError(string Field, string Message)
{
    /// <summary>Line of the document, from 1 on; only where a document was sent.</summary>
    public int? Line { get; init; }
}

[JsonSerializable(typeof(Problem))]
internal sealed partial class ProblemJson : JsonSerializerContext
{
    /// <summary>Quotes and dashes as they are: people read these, and no browser takes problem+json for HTML.</summary>
    public static ProblemJson Readable { get; } = new(new JsonSerializerOptions(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
