using Gateway.Dialects.Chat;

namespace Gateway.Dialects.OpenAI;

/// <summary>Tells kinds of errors from what providers write: their codes and types first, then their words, then the status.</summary>
internal static class ErrorKinds
{
    private static readonly string[] _contextCodes =
        ["context_length_exceeded", "string_above_max_length", "exceed_context_size_error", "context_window_exceeded", "max_tokens_exceeded"];

    private static readonly string[] _contextWords =
    [
        "maximum context length", "context length", "context window", "context size", "prompt is too long", "prompt too long", "input is too long", "input too long",
        "maximum prompt length", "maximum number of tokens", "exceeds the maximum length", "reduce the length of", "too large for model", "input token count",
        "too many input tokens", "maximum input length", "maximum number of input tokens", "max_total_tokens", "range of input length",
    ];

    private static readonly string[] _filterCodes =
    [
        "content_filter", "content_policy_violation", "responsibleaipolicyviolation", "data_inspection_failed", "datainspectionfailed", "moderation_blocked", "1301",
        "sensitive_words_detected", "input_moderation", "content_moderation",
    ];

    private static readonly string[] _filterWords =
    [
        "content management policy", "content policy", "content filter", "safety system", "usage guidelines", "flagged by", "flagged as", "requires moderation",
        "inappropriate content", "sensitive content", "high risk", "violates our usage policies", "prohibited content",
    ];

    private static readonly string[] _quotaCodes =
    [
        "insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "insufficient_credits", "insufficient_balance", "exceeded_current_quota_error",
        "arrearage", "1113", "budget_exceeded", "payment_required",
    ];

    private static readonly string[] _quotaWords =
    [
        "insufficient balance", "insufficient credit", "insufficient funds", "not enough credit", "requires more credits", "credit balance is too low",
        "run out of credits", "used all available credits", "exceeded your monthly included credits", "account is in arrears", "not enough balance", "credits are depleted",
        "spending cap",
    ];

    // OpenAI says this of an exhausted account, Google of an exhausted minute too.
    private static readonly string[] _ambiguousQuotaWords = ["billing details"];

    private static readonly string[] _waitWords =
        ["retry in", "try again in", "retry after", "rate limit", "per second", "per minute", "per hour", "per day", "perminute", "perday"];

    private static readonly string[] _rateCodes =
        ["rate_limit_exceeded", "rate_limit_error", "rate_limit_reached_error", "rate_limited", "too_many_requests", "requests", "tokens", "resource_exhausted", "1302", "1303"];

    private static readonly string[] _rateWords = ["rate limit", "too many requests", "tokens per minute", "requests per minute", "requests rate"];

    private static readonly string[] _overloadCodes =
        ["overloaded_error", "engine_overloaded_error", "overloaded", "capacity_exceeded", "service_unavailable", "unavailable", "1305", "model_overloaded"];

    private static readonly string[] _overloadWords = ["overloaded", "over capacity", "capacity exceeded", "at capacity", "no available capacity", "service is too busy"];

    private static readonly string[] _authenticationCodes =
        ["invalid_api_key", "authentication_error", "invalid_authentication_error", "unauthorized", "unauthenticated", "invalid_token", "incorrect_api_key_error"];

    private static readonly string[] _authenticationWords = ["incorrect api key", "invalid api key", "api key not valid", "api key is invalid", "no api key", "invalid authentication"];

    private static readonly string[] _modelCodes = ["model_not_found", "model_not_found_error", "not_found_error", "deploymentnotfound", "invalid_model", "resource_not_found_error"];

    private static readonly string[] _modelWords = ["model not found", "model does not exist", "does not exist or you do not have access", "is not a valid model", "unknown model", "no such model", "invalid model"];

    /// <summary>The kind of an error.</summary>
    /// <param name="status">HTTP status; 0 when there is none.</param>
    /// <param name="type">The provider's type, or null.</param>
    /// <param name="code">The provider's code, or null.</param>
    /// <param name="message">The provider's words, or null.</param>
    public static ChatErrorKind Classify(int status, string? type, string? code, string? message)
    {
        if (Is(_authenticationCodes, type, code) || status == 401)
        {
            return ChatErrorKind.Authentication;
        }

        var isGoogleRate = string.Equals(type, "RESOURCE_EXHAUSTED", StringComparison.OrdinalIgnoreCase);
        if (status == 402 || NamesQuota(type, code) || Says(_quotaWords, message)
            || (!isGoogleRate && Says(_ambiguousQuotaWords, message) && !Says(_waitWords, message)))
        {
            return ChatErrorKind.Quota;
        }

        if (Is(_overloadCodes, type, code) || status is 529 or 498 || (status is 0 or 429 or >= 500 && Says(_overloadWords, message)))
        {
            return ChatErrorKind.Overloaded;
        }

        // A request above the tokens of a minute is told with 413 by Groq and 429 by OpenAI: waiting helps, another window does not.
        if (status == 429 || Is(_rateCodes, type, code) || (status is 0 or 400 or 403 or 413 && Says(_rateWords, message)))
        {
            return ChatErrorKind.RateLimit;
        }

        if (status < 500)
        {
            if (Is(_contextCodes, type, code) || Says(_contextWords, message))
            {
                return ChatErrorKind.ContextLength;
            }

            if (Is(_filterCodes, type, code) || Says(_filterWords, message))
            {
                return ChatErrorKind.ContentFilter;
            }

            if (status is 0 or 400 or 403 && Says(_authenticationWords, message))
            {
                return ChatErrorKind.Authentication;
            }

            if (Is(_modelCodes, type, code) || (status is 0 or 400 && Says(_modelWords, message)))
            {
                return ChatErrorKind.NotFound;
            }
        }

        return ByStatus(status, type);
    }

    /// <summary>True when a type or code, not mere words, says that the account has no money or quota left.</summary>
    public static bool NamesQuota(string? type, string? code) => Is(_quotaCodes, type, code);

    /// <summary>The status for an error that came without one.</summary>
    public static int Status(ChatErrorKind kind) => kind switch
    {
        ChatErrorKind.InvalidRequest or ChatErrorKind.ContextLength or ChatErrorKind.ContentFilter => 400,
        ChatErrorKind.Authentication => 401,
        ChatErrorKind.Quota => 402,
        ChatErrorKind.Permission => 403,
        ChatErrorKind.NotFound => 404,
        ChatErrorKind.TooLarge => 413,
        ChatErrorKind.RateLimit => 429,
        ChatErrorKind.Overloaded => 503,
        ChatErrorKind.Timeout => 504,
        _ => 500,
    };

    /// <summary>OpenAI's <c>type</c> for a kind.</summary>
    public static string OpenAIType(ChatErrorKind kind) => kind switch
    {
        ChatErrorKind.Authentication => "authentication_error",
        ChatErrorKind.Permission => "permission_error",
        ChatErrorKind.RateLimit => "rate_limit_error",
        ChatErrorKind.Quota => "insufficient_quota",
        ChatErrorKind.Overloaded or ChatErrorKind.Timeout or ChatErrorKind.Api => "api_error",
        _ => "invalid_request_error",
    };

    /// <summary>OpenAI's <c>code</c> for a kind that clients look for by code, or null.</summary>
    public static string? OpenAICode(ChatErrorKind kind) => kind switch
    {
        ChatErrorKind.ContextLength => "context_length_exceeded",
        ChatErrorKind.ContentFilter => "content_filter",
        ChatErrorKind.RateLimit => "rate_limit_exceeded",
        ChatErrorKind.Quota => "insufficient_quota",
        ChatErrorKind.Authentication => "invalid_api_key",
        _ => null,
    };

    private static ChatErrorKind ByStatus(int status, string? type) => status switch
    {
        403 => ChatErrorKind.Permission,
        404 => ChatErrorKind.NotFound,
        413 => ChatErrorKind.TooLarge,
        408 or 504 or 524 => ChatErrorKind.Timeout,
        503 => ChatErrorKind.Overloaded,
        0 when string.Equals(type, "invalid_request_error", StringComparison.Ordinal) => ChatErrorKind.InvalidRequest,
        >= 400 and < 500 => ChatErrorKind.InvalidRequest,
        _ => ChatErrorKind.Api,
    };

    private static bool Is(string[] known, string? type, string? code) =>
        (code is not null && known.Contains(code, StringComparer.OrdinalIgnoreCase)) || (type is not null && known.Contains(type, StringComparer.OrdinalIgnoreCase));

    private static bool Says(string[] phrases, string? message) =>
        message is not null && Array.Exists(phrases, phrase => message.Contains(phrase, StringComparison.OrdinalIgnoreCase));
}
