using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Gemini;

/// <summary>Reads <c>tools</c> and <c>toolConfig</c>.</summary>
internal static class GeminiToolReader
{
    /// <summary>Reads <paramref name="tools"/> into <paramref name="request"/>.</summary>
    /// <returns>Null, or what is wrong.</returns>
    public static DialectProblem? ReadTools(JsonElement tools, ChatRequest request)
    {
        var index = 0;
        foreach (var tool in tools.ItemsOrSelf())
        {
            var path = $"tools[{index++}]";
            if (tool.ValueKind != JsonValueKind.Object)
            {
                return new DialectProblem($"{path} is not an object.", path);
            }

            foreach (var (name, value) in tool.CamelMembers())
            {
                if (name == "functionDeclarations")
                {
                    if (ReadFunctions(value, request, path) is { } problem)
                    {
                        return problem;
                    }
                }
                else
                {
                    request.Tools.Add(new ToolDefinition { Name = name, Kind = ToolKind.Hosted, Raw = Single(name, value) });
                }
            }
        }

        return null;
    }

    /// <summary>Reads <paramref name="config"/> into <paramref name="request"/>.</summary>
    /// <returns>Null, or what is wrong.</returns>
    public static DialectProblem? ReadConfig(JsonElement config, ChatRequest request)
    {
        foreach (var (name, value) in config.CamelMembers())
        {
            if (name != "functionCallingConfig")
            {
                request.Extensions.Add(new RequestExtension("toolConfig." + name, value));
                continue;
            }

            var allowed = value.CamelMember("allowedFunctionNames")?.Items().Select(static n => n.Text()).OfType<string>().ToList() ?? [];
            switch (value.StringOf("mode")?.ToUpperInvariant())
            {
                case null or "" or "MODE_UNSPECIFIED" when allowed.Count == 0:
                    break;
                case null or "" or "MODE_UNSPECIFIED" or "AUTO" or "VALIDATED":
                    request.ToolChoice = new ToolChoice { Mode = ToolChoiceMode.Auto, Allowed = allowed };
                    break;
                case "NONE":
                    request.ToolChoice = new ToolChoice { Mode = ToolChoiceMode.None };
                    break;
                case "ANY":
                    request.ToolChoice = allowed.Count == 1
                        ? new ToolChoice { Mode = ToolChoiceMode.Named, Name = allowed[0] }
                        : new ToolChoice { Mode = ToolChoiceMode.Required, Allowed = allowed };
                    break;
                default:
                    return new DialectProblem("toolConfig.functionCallingConfig.mode must be AUTO, ANY, NONE or VALIDATED.", "toolConfig.functionCallingConfig.mode");
            }

            if (value.CamelMember("streamFunctionCallArguments") is { } streamed)
            {
                request.Extensions.Add(new RequestExtension("toolConfig.functionCallingConfig.streamFunctionCallArguments", streamed));
            }
        }

        return null;
    }

    private static DialectProblem? ReadFunctions(JsonElement functions, ChatRequest request, string path)
    {
        var index = 0;
        foreach (var function in functions.ItemsOrSelf())
        {
            var at = $"{path}.functionDeclarations[{index++}]";
            if (function.StringOf("name") is not { Length: > 0 } functionName)
            {
                return new DialectProblem($"{at}.name is missing.", $"{at}.name");
            }

            JsonElement? parameters = null;
            foreach (var (name, value) in function.CamelMembers())
            {
                switch (name)
                {
                    case "parameters":
                        parameters = GeminiSchemaReader.ToJsonSchema(value);
                        break;
                    case "parametersJsonSchema":
                        parameters = value;
                        break;
                    case "name" or "description":
                        break;
                    default:
                        request.Extensions.Add(new RequestExtension($"{at}.{name}", value));
                        break;
                }
            }

            request.Tools.Add(new ToolDefinition { Name = functionName, Description = function.StringOf("description"), Parameters = parameters });
        }

        return null;
    }

    private static JsonElement Single(string name, JsonElement value) => JsonElements.Build((name, value), static (writer, s) =>
    {
        writer.WriteStartObject();
        writer.WriteElement(s.name, s.value);
        writer.WriteEndObject();
    });
}
