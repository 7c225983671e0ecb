namespace Gateway.Dashboard.Pages.Start;

/// <summary>The first call, as six SDKs make it, and curl.</summary>
public static class Snippets
{
    public static IReadOnlyList<(string Name, string Text)> Of(string origin, string key, string model) =>
    [
        ("curl", $$"""
            curl {{origin}}/v1/chat/completions \
              -H "Authorization: Bearer {{key}}" \
              -H "Content-Type: application/json" \
              -d '{"model": "{{model}}", "messages": [{"role": "user", "content": "Hello"}]}'
            """),
        ("Python: openai", $$"""
            from openai import OpenAI

            client = OpenAI(base_url="{{origin}}/v1", api_key="{{key}}")
            answer = client.chat.completions.create(model="{{model}}", messages=[{"role": "user", "content": "Hello"}])
            print(answer.choices[0].message.content)
            """),
        ("JavaScript: openai", $$"""
            import OpenAI from "openai";

            const client = new OpenAI({ baseURL: "{{origin}}/v1", apiKey: "{{key}}" });
            const answer = await client.chat.completions.create({ model: "{{model}}", messages: [{ role: "user", content: "Hello" }] });
            console.log(answer.choices[0].message.content);
            """),
        (".NET: OpenAI", $$"""
            var client = new ChatClient("{{model}}", new ApiKeyCredential("{{key}}"), new OpenAIClientOptions { Endpoint = new Uri("{{origin}}/v1") });
            ChatCompletion answer = await client.CompleteChatAsync("Hello");
            Console.WriteLine(answer.Content[0].Text);
            """),
        ("Python: anthropic", $$"""
            from anthropic import Anthropic

            client = Anthropic(base_url="{{origin}}/anthropic", api_key="{{key}}")
            answer = client.messages.create(model="{{model}}", max_tokens=200, messages=[{"role": "user", "content": "Hello"}])
            print(answer.content[0].text)
            """),
        ("JavaScript: @google/genai", $$"""
            import { GoogleGenAI } from "@google/genai";

            const client = new GoogleGenAI({ apiKey: "{{key}}", httpOptions: { baseUrl: "{{origin}}/genai" } });
            const answer = await client.models.generateContent({ model: "{{model}}", contents: "Hello" });
            console.log(answer.text);
            """),
        ("Python: LangChain", $$"""
            from langchain_openai import ChatOpenAI

            model = ChatOpenAI(model="{{model}}", base_url="{{origin}}/v1", api_key="{{key}}")
            print(model.invoke("Hello").content)
            """),
    ];
}
