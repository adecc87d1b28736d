// Token
