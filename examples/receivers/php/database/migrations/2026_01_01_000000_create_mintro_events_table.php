<?php

use Illuminate\Database\Migrations\Migration;
use Illuminate\Database\Schema\Blueprint;
use Illuminate\Support\Facades\Schema;

return new class extends Migration
{
    public function up(): void
    {
        Schema::create('mintro_events', function (Blueprint $table) {
            $table->string('id')->primary();
            $table->text('body');
            $table->timestamp('created_at');
        });
    }
};
