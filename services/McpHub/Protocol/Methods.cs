namespace Gateway.McpHub.Protocol;

/// <summary>Methods and notifications of the protocol that the hub knows.</summary>
internal static class Methods
{
    public const string Initialize = "initialize";
    public const string Initialized = "notifications/initialized";
    public const string Discover = "server/discover";
    public const string Ping = "ping";
    public const string ListTools = "tools/list";
    public const string CallTool = "tools/call";
    public const string ListResources = "resources/list";
    public const string ListTemplates = "resources/templates/list";
    public const string ReadResource = "resources/read";
    public const string Subscribe = "resources/subscribe";
    public const string Unsubscribe = "resources/unsubscribe";
    public const string ListPrompts = "prompts/list";
    public const string GetPrompt = "prompts/get";
    public const string Complete = "completion/complete";
    public const string SetLevel = "logging/setLevel";
    public const string Listen = "subscriptions/listen";
    public const string Sample = "sampling/createMessage";
    public const string Elicit = "elicitation/create";
    public const string ListRoots = "roots/list";
    public const string Cancelled = "notifications/cancelled";
    public const string Progress = "notifications/progress";
    public const string Message = "notifications/message";
    public const string ToolsChanged = "notifications/tools/list_changed";
    public const string PromptsChanged = "notifications/prompts/list_changed";
    public const string ResourcesChanged = "notifications/resources/list_changed";
    public const string ResourceUpdated = "notifications/resources/updated";
    public const string RootsChanged = "notifications/roots/list_changed";
    public const string ElicitationComplete = "notifications/elicitation/complete";
    public const string Acknowledged = "notifications/subscriptions/acknowledged";

    /// <summary>Whether a server may ask a client this.</summary>
    public static bool IsQuestion(string method) => method is Sample or Elicit or ListRoots;

    /// <summary>Whether a result of 2026-07-28 must carry hints for caching.</summary>
    public static bool IsCacheable(string method) => method is Discover or ListTools or ListPrompts or ListResources or ListTemplates or ReadResource;

    /// <summary>Whether a server of 2026-07-28 may answer that it needs input.</summary>
    public static bool MayNeedInput(string method) => method is CallTool or GetPrompt or ReadResource;
}
