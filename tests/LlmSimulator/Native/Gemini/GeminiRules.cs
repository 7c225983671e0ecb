using System.Text.Json;
using System.Text.RegularExpressions;

namespace Gateway.LlmSimulator.Native.Gemini;

/// <summary>What Gemini refuses.</summary>
internal static partial class GeminiRules
{
    private static readonly HashSet<string> _fields = Names("contents", "systemInstruction", "tools", "toolConfig", "safetySettings", "generationConfig", "cachedContent", "labels", "model", "serviceTier", "store");

    private static readonly HashSet<string> _generation = Names(
        "stopSequences", "responseMimeType", "responseSchema", "responseJsonSchema", "_responseJsonSchema", "responseModalities", "candidateCount", "maxOutputTokens", "temperature", "topP", "topK", "seed",
        "presencePenalty", "frequencyPenalty", "responseLogprobs", "logprobs", "enableEnhancedCivicAnswers", "speechConfig", "thinkingConfig", "imageConfig", "mediaResolution", "audioTimestamp", "routingConfig");

    private static readonly HashSet<string> _data = Names("text", "inlineData", "fileData", "functionCall", "functionResponse", "executableCode", "codeExecutionResult", "toolCall", "toolResponse");

    private static readonly HashSet<string> _declaration = Names("name", "description", "parameters", "parametersJsonSchema", "response", "responseJsonSchema", "behavior");

    public static RuleBreak? Check(JsonElement body, CallRoute route)
    {
        foreach (var property in body.EnumerateObject())
        {
            if (!_fields.Contains(Camel(property.Name)))
            {
                return Unknown(property.Name, "");
            }
        }

        return Generation(body) ?? Tools(body) ?? Contents(body, route.Model!);
    }

    private static RuleBreak? Generation(JsonElement body)
    {
        if (GeminiNative.Any(body, "generationConfig", "generation_config") is not { } config)
        {
            return null;
        }

        foreach (var property in config.EnumerateObject())
        {
            if (!_generation.Contains(Camel(property.Name)))
            {
                return Unknown(property.Name, "generation_config");
            }
        }

        if (config.Get("temperature") is { } temperature && temperature.GetDouble() is < 0 or > 2)
        {
            return new("* GenerateContentRequest.generation_config.temperature: temperature must be in the range [0.0, 2.0].");
        }

        if (config.List("stopSequences").Count() > 5)
        {
            return new("* GenerateContentRequest.generation_config.stop_sequences: at most 5 stop sequences");
        }

        if ((config.Get("responseSchema") ?? config.Get("responseJsonSchema")) is not null && config.GetText("responseMimeType") is not ("application/json" or "text/x.enum"))
        {
            return new("Function calling config or response schema is set with a response mime type that is not application/json");
        }

        return config.Get("responseSchema") is { } schema ? GeminiSchemaRules.Check(schema, "generation_config.response_schema") : null;
    }

    private static RuleBreak? Tools(JsonElement body)
    {
        var index = 0;
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var declaration in GeminiNative.Declarations(body))
        {
            var at = $"tools[0].function_declarations[{index++}]";
            if (declaration.EnumerateObject().Select(p => p.Name).FirstOrDefault(p => !_declaration.Contains(Camel(p))) is { } extra)
            {
                return Unknown(extra, at);
            }

            var name = declaration.GetText("name") ?? "";
            if (!FunctionName().IsMatch(name))
            {
                return new($"* GenerateContentRequest.{at}.name: [Invalid function name. Must start with a letter or an underscore. Must be alphanumeric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of 64.]");
            }

            if (!names.Add(name))
            {
                return new($"Duplicate function declaration found: {name}");
            }

            if (declaration.Get("parameters") is { } parameters && GeminiSchemaRules.Check(parameters, at + ".parameters") is { } broken)
            {
                return broken;
            }
        }

        var config = GeminiNative.Any(body, "toolConfig", "tool_config")?.Get("functionCallingConfig");
        return config?.GetText("mode") is { } mode && mode is not ("AUTO" or "ANY" or "NONE" or "VALIDATED" or "MODE_UNSPECIFIED")
            ? new($"Invalid value at 'tool_config.function_calling_config.mode', \"{mode}\"")
            : config?.List("allowedFunctionNames").Any() == true && config.Value.GetText("mode") is not ("ANY" or "VALIDATED") ? new("allowed_function_names should only be set when function_calling_config.mode is ANY.")
            : config?.List("allowedFunctionNames").FirstOrDefault(n => !names.Contains(n.GetString()!)) is { ValueKind: JsonValueKind.String } missing ? new($"allowed_function_names: {missing.GetString()} is not declared")
            : null;
    }

    private static RuleBreak? Contents(JsonElement body, string model)
    {
        var contents = body.List("contents").ToList();
        if (contents.Count == 0)
        {
            return new("* GenerateContentRequest.contents: contents is not specified");
        }

        if (GeminiNative.Any(body, "systemInstruction", "system_instruction") is { } system && !system.List("parts").Any())
        {
            return new("* GenerateContentRequest.system_instruction.parts: must not be empty");
        }

        var calls = 0;
        for (var i = 0; i < contents.Count; i++)
        {
            var role = contents[i].GetText("role");
            if (role is not (null or "user" or "model" or "function"))
            {
                return new("Please use a valid role: user, model.");
            }

            var parts = contents[i].List("parts").ToList();
            if (parts.Count == 0)
            {
                return new($"* GenerateContentRequest.contents[{i}].parts: contents.parts must not be empty.");
            }

            var responses = parts.Count(p => p.Get("functionResponse") is not null);
            if (responses != calls && (responses > 0 || calls > 0))
            {
                return new("Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.");
            }

            calls = parts.Count(p => p.Get("functionCall") is not null);
            if (calls > 0 && (role != "model" || (i > 0 && contents[i - 1].GetText("role") == "model") || i == 0))
            {
                return new("Please ensure that function call turn comes immediately after a user turn or after a function response turn.");
            }

            for (var p = 0; p < parts.Count; p++)
            {
                if (Part(parts[p], $"contents[{i}].parts[{p}]", calls > 0 && p == parts.FindIndex(x => x.Get("functionCall") is not null) && model.Contains("gemini-3", StringComparison.Ordinal)) is { } broken)
                {
                    return broken;
                }
            }
        }

        return calls > 0 ? new("Please ensure that function response turn comes immediately after a function call turn.") : null;
    }

    private static RuleBreak? Part(JsonElement part, string at, bool needsSignature)
    {
        var data = part.EnumerateObject().Where(p => _data.Contains(Camel(p.Name))).Select(p => p.Name).ToList();
        if (data.Count != 1)
        {
            return new(data.Count == 0 ? $"* GenerateContentRequest.{at}.data: required oneof field 'data' must have one initialized field" : $"Invalid value at '{at}' (oneof), oneof field 'data' is already set. Cannot set '{data[1]}'");
        }

        var other = part.EnumerateObject().Select(p => p.Name).FirstOrDefault(p => !_data.Contains(Camel(p)) && Camel(p) is not ("thought" or "thoughtSignature" or "videoMetadata" or "mediaResolution" or "partMetadata"));
        if (other is not null)
        {
            return Unknown(other, at);
        }

        var signature = part.GetText("thoughtSignature");
        if (signature is not null && !Signatures.IsOurs(signature) && signature is not ("skip_thought_signature_validator" or "context_engineering_is_the_way_to_go"))
        {
            return new("Thought signature is not valid.");
        }

        if (needsSignature && signature is null)
        {
            return new($"Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and missing thought_signature may lead to degraded model performance. ({at})");
        }

        if (part.Get("functionCall") is { } call && (call.GetText("name") is null || (call.Get("args") is { } args && args.ValueKind != JsonValueKind.Object)))
        {
            return new($"Invalid value at '{at}.function_call'");
        }

        if (part.Get("functionResponse") is { } response && (string.IsNullOrEmpty(response.GetText("name")) || response.Get("response") is not { ValueKind: JsonValueKind.Object }))
        {
            return new($"* GenerateContentRequest.{at}.function_response: name and an object as response are required");
        }

        return part.Get("inlineData") is { } inline && (string.IsNullOrEmpty(inline.GetText("mimeType")) || inline.GetText("data") is not { Length: > 0 } bytes || !Convert.TryFromBase64String(bytes, new byte[bytes.Length], out _))
            ? new($"Invalid value at '{at}.inline_data': mime type and base64 data are required")
            : null;
    }

    public static RuleBreak Unknown(string name, string at)
        => new($"Invalid JSON payload received. Unknown name \"{name}\"{(at.Length == 0 ? "" : $" at '{at}'")}: Cannot find field.");

    /// <summary>Google's JSON takes the names of the proto too.</summary>
    private static string Camel(string name)
    {
        var parts = name.Split('_', StringSplitOptions.RemoveEmptyEntries);
        return parts.Length < 2 ? name : parts[0] + string.Concat(parts.Skip(1).Select(p => char.ToUpperInvariant(p[0]) + p[1..]));
    }

    private static HashSet<string> Names(params string[] names) => new(names, StringComparer.Ordinal);

    [GeneratedRegex("^[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}$")]
    private static partial Regex FunctionName();
}
